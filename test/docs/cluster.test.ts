/**
 * docs/cluster.md: each command line in it is one that the command takes, each [cluster] one that host.toml takes, and numbers
 * are the code's. What the commands print is compared in test/cluster-setup/document.test.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MAX_RESPONSE_BYTES } from '../../src/cluster/etcd/received-text';
import { ResponseBudget } from '../../src/cluster/etcd/response-budget';
import { LEASE_MS } from '../../src/cluster/leadership';
import { HEALTHY_AFTER_MS, PRESENCE_MS } from '../../src/cluster/presence';
import { CLIENT_PORT, PEER_PORT } from '../../src/cluster-setup/addresses';
import { TELLABLE_SKEW_MS } from '../../src/cluster-setup/clock-skew';
import { parseClusterCommand } from '../../src/cluster-setup/command-line';
import { plannedFiles } from '../../src/cluster-setup/member-file-plan';
import { DATA_FOLDER, ENVIRONMENT_FILE, parseEnvironment } from '../../src/cluster-setup/setup-files';
import { ERROR_CODES } from '../../src/errors/wasi-error';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { REPOSITORY } from '../wasm/components';

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');
const DOCUMENT = text('docs', 'cluster.md');
const FLOWING = DOCUMENT.replaceAll(/\s+/g, ' ');
const SECOND = 1_000;

const blocks = (language: string) =>
  [...DOCUMENT.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

describe('docs/cluster.md', () => {
  it('has no command line of edge-wasi that it does not take', () => {
    const inline = [...DOCUMENT.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
    const lines = [...blocks('sh').flatMap((block) => block.split('\n')), ...inline];
    const commands = lines.flatMap((line) => line.split('edge-wasi cluster ')[1] ?? []);
    const whole = commands.filter((line) => line.includes(' ') || line === 'status');
    assert.ok(whole.length >= 12, `${whole.length} command lines`);
    for (const line of whole) {
      const wanted = parseClusterCommand(line.split(' '), '/');
      assert.notEqual(wanted.kind, 'usage', `${line}: ${JSON.stringify(wanted)}`);
    }
  });

  it('has the [cluster] of each node, as host.toml takes it', () => {
    const tables = blocks('toml').map((block) => parseHostConfig(block, 'docs/cluster.md', { hostName: 'no' }).cluster);
    assert.deepEqual(
      tables.slice(0, 4).map(({ nodeId, role }) => `${nodeId} ${role}`),
      ['revpi leader-preferred', 'pi4 voter', 'zero-a voter', 'zero-b learner'],
    );
    for (const { enabled, nodeId, endpoints } of tables) {
      assert.ok(enabled);
      const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| \`${nodeId}\` |`));
      const [, address] = /, (10\.[\d.]+) \|/.exec(row ?? '') ?? [];
      // Its own first; who has none is in no table.
      if (address !== undefined) assert.equal(new URL(endpoints[0] ?? '').hostname, address, nodeId);
      for (const voter of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
        assert.ok(
          endpoints.some((url) => new URL(url).hostname === voter),
          `${nodeId} does not ask ${voter}`,
        );
    }
    const full = tables.filter(({ tls, login }) => tls && login);
    assert.equal(full.length, 1);
  });

  it('has what etcd is told, all of it that does not differ from node to node', () => {
    const target = { name: 'a', address: '10.0.0.1', role: 'voter', root: '/', isDryRun: false } as const;
    const around = { initialCluster: new Map(), initialState: 'new', arch: 'x64' } as const;
    const file = plannedFiles(target, undefined, around).find(({ path }) => path === ENVIRONMENT_FILE);
    const own = /NAME|DIR|URLS|INITIAL|LOG/;
    const told = [...parseEnvironment(file?.text ?? '')].filter(([name]) => !own.test(name));
    const rows = [...DOCUMENT.matchAll(/^\| `([A-Z_]+)` \| `(.*?)` \|/gm)].map(([, name, value]) => [name, value]);
    assert.deepEqual(rows, told);
  });

  it('names times, ports and files that hold', () => {
    for (const sentence of [
      `not healthy after ${PRESENCE_MS / SECOND} s`,
      `well for ${HEALTHY_AFTER_MS / SECOND} s`,
      `another leads after ${LEASE_MS / SECOND} s`,
      `A response may have ${(MAX_RESPONSE_BYTES / 1e6).toFixed(1)} MB, all at once ${new ResponseBudget().totalBytes / 2 ** 20} MB`,
      `warns from ${TELLABLE_SKEW_MS / SECOND} s on`,
      `Ports ${CLIENT_PORT} (`,
      `${PEER_PORT} (etcd among themselves)`,
      `rm -r ${DATA_FOLDER}`,
      `\`${ENVIRONMENT_FILE}\``,
    ])
      assert.ok(FLOWING.includes(sentence), sentence);
    const codes = [...DOCUMENT.matchAll(/\b((?:CLUSTER|CONFIG)_[A-Z]+)\b/g)].map(([, code = '']) => code);
    const known: readonly string[] = ERROR_CODES;
    assert.deepEqual(
      codes.filter((code) => !known.includes(code)),
      [],
    );
  });

  it('names metrics that there are', () => {
    const metrics = text('src', 'dashboard', 'cluster-metrics.ts');
    const named = DOCUMENT.match(/\bwasi_[a-z_]+/g) ?? [];
    assert.ok(named.length >= 3);
    for (const name of named) assert.ok(metrics.includes(`'${name.replace(/_total$/, '')}'`), name);
  });

  it('links to what there is, is linked from the README and delivered with the package', () => {
    const anchors = [...DOCUMENT.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    for (const [, target = ''] of DOCUMENT.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) assert.ok(anchors.includes(target.slice(1)), target);
      else if (!target.startsWith('https:')) assert.ok(existsSync(join(REPOSITORY, 'docs', target)), target);
    }
    assert.ok(text('README.md').includes('(docs/cluster.md)'));
    const { files }: { files: readonly string[] } = JSON.parse(text('package.json'));
    assert.ok(files.includes('docs/*.md'));
  });
});
