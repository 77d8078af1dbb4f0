/** Node-RED where everything is as docs/docker.md has it but Docker itself (contained.ts): it polls, and its plugins die first. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contained, IMAGE_USER, noContainer } from './contained';
import { debugNode, injectNode, inlineRuntime, pollNode, TAB } from './flow-nodes';
import { packageFolder } from './installed-package';
import { NodeRed } from './node-red';

const skip = noContainer() ?? false;

function procText(pid: number | undefined, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

/** Processes that one has started and that run still. */
function childrenOf(parent: number | undefined): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        // proc_pid_stat(5): the parent is the second field behind the name, which is in brackets.
        return Number(procText(pid, 'stat').split(') ').at(-1)?.split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}

describe('a container without privileges', { skip }, () => {
  let nodeRed: NodeRed;
  before(async () => {
    nodeRed = await NodeRed.start({ within: contained });
    const wires = [injectNode('go', ['poll']), pollNode('poll', '*', ['out']), debugNode('out', 'payload')];
    await nodeRed.deploy([TAB, inlineRuntime('runtime', '', { hardware: 'auto' }), ...wires]);
  });
  after(() => nodeRed?.stop());

  it('is what docs/docker.md promises', () => {
    const { pid } = nodeRed.child;
    const status = procText(pid, 'status');
    for (const line of [/^CapBnd:\s+0+$/m, /^CapEff:\s+0+$/m, /^NoNewPrivs:\s+1$/m, /^Groups:\s*$/m])
      assert.match(status, line);
    assert.match(status, new RegExp(`^Uid:\\s+${IMAGE_USER}\\s`, 'm'));
    assert.match(procText(pid, 'mounts'), /^\S+ \/ \S+ ro,/m);
  });

  it('polls every bundled sensor, though nothing but the user directory can be written', async () => {
    await nodeRed.inject('go');
    const readings = await nodeRed.untilDebugs('out', 3);
    assert.deepEqual(readings[0], { temperature: 21.5, humidity: 40 });
    assert.doesNotMatch(nodeRed.log, /EROFS|EACCES|read-only file system/);
    assert.match(nodeRed.comms.status('poll'), /\(sim\)/);
  });

  it('has the process of the plugins end first where memory is short, without any capability', () => {
    const scores = childrenOf(nodeRed.child.pid).map((pid) => procText(pid, 'oom_score_adj').trim());
    assert.ok(scores.length > 0);
    assert.deepEqual([...new Set(scores)], ['1000']);
    assert.notEqual(procText(nodeRed.child.pid, 'oom_score_adj').trim(), '1000');
  });

  it('is recognised by the doctor, which finds what can be written', () => {
    const command = join(packageFolder(nodeRed.userDir), 'dist', 'src', 'command', 'command.js');
    const asked = [process.execPath, command, 'doctor', '--json', '--user-dir', nodeRed.userDir];
    const [program, ...args] = contained(asked, nodeRed.userDir);
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
    const report: { container: string | null; checks: readonly { id: string; kind: string; says: string }[] } =
      JSON.parse(stdout || `"${stderr}"`);
    assert.match(String(report.container), /^(Docker|Podman)$/);
    for (const id of ['container', 'temporary-folder', 'user-directory', 'isolation', 'enabled-plugins']) {
      const found = report.checks.find((check) => check.id === id);
      assert.equal(found?.kind, 'ok', `${id}: ${found?.says}`);
    }
  });
});
