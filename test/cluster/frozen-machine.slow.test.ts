/**
 * A machine that stands still and goes on: its node and its etcd member are stopped (SIGSTOP) together, for longer than the
 * lease of the leader and the presence of a node, and continued in either order. Two other machines go on.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PRESENCE_MS } from '../../src/cluster/presence';
import { until } from '../support/until';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import type { Line } from './fixtures/node-process';
import { monotonicMs } from './history';

class Machine {
  /** Since when it holds each token, and until when. */
  readonly held = new Map<number, { from: number; to: number }>();
  readonly observed = new Map<string, number[]>();
  #healthy: readonly string[] | undefined;
  published: number | undefined;

  private constructor(
    readonly name: string,
    readonly child: ChildProcess,
  ) {
    if (child.stdout === null) throw new Error('it has no output');
    createInterface(child.stdout).on('line', (line) => this.#hear(JSON.parse(line)));
  }

  static start(t: TestContext, name: string, urls: readonly string[], folder: string): Machine {
    const script = join(__dirname, 'fixtures', 'node-process.js');
    const args = [script, JSON.stringify({ name, urls, folder: join(folder, name) })];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    return new Machine(name, child);
  }

  get token(): number {
    return Math.max(0, ...this.held.keys());
  }

  /** The members that it sees as healthy now. */
  async healthy(): Promise<readonly string[]> {
    this.#healthy = undefined;
    this.child.stdin?.write('state\n');
    return await until(() => this.#healthy);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** Publishes no more; resolves with how many it has published. */
  async stop(): Promise<number> {
    this.child.stdin?.write('stop\n');
    return await until(() => this.published);
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.write('end\n');
    await ended;
  }

  #hear(line: Line): void {
    switch (line.kind) {
      case 'held': {
        const known = this.held.get(line.token);
        if (known) known.to = line.at;
        else this.held.set(line.token, { from: line.at, to: line.at });
        break;
      }
      case 'observed': {
        const numbers = this.observed.get(line.node) ?? [];
        this.observed.set(line.node, [...numbers, line.n]);
        break;
      }
      case 'healthy':
        this.#healthy = line.nodes;
        break;
      case 'ended':
        this.published = line.published;
        break;
    }
  }
}

describe('a machine that stands still, node and etcd together', { skip: noEtcd }, () => {
  for (const first of ['its etcd', 'its node'] as const) {
    it(`and goes on, ${first} first: never two leaders, no reading lost or doubled, and all see it again`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'wasi-frozen-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      await inCluster({ voters: 3 }, async (cluster) => {
        // The hardest case: the machine that has both leaders.
        const own = await cluster.leader();
        const others = cluster.members.filter((member) => member !== own);
        const urlsOf = (n: number) => [others[n]?.clientUrl ?? '', others[1 - n]?.clientUrl ?? '', own.clientUrl];
        const frozen = Machine.start(t, 'frozen', [own.clientUrl, ...others.map(({ clientUrl }) => clientUrl)], folder);
        await until(() => frozen.token > 0);
        const b = Machine.start(t, 'b', urlsOf(0), folder);
        const c = Machine.start(t, 'c', urlsOf(1), folder);
        const all = [frozen, b, c];
        for (const one of all) await until(async () => (await one.healthy()).length === all.length);
        const token = frozen.token;

        frozen.signal('SIGSTOP');
        own.freeze();
        const stoppedAt = monotonicMs();
        await until(() => b.token > token || c.token > token);
        for (const one of [b, c]) await until(async () => !(await one.healthy()).includes('frozen'));
        // Longer than its presence lasts.
        await until(() => monotonicMs() - stoppedAt > PRESENCE_MS + 5_000);
        const steps = [() => own.thaw(), () => frozen.signal('SIGCONT')];
        for (const step of first === 'its etcd' ? steps : steps.reverse()) {
          step();
          await pause(1_500);
        }

        for (const one of all) await until(async () => (await one.healthy()).length === all.length);
        const published = new Map<string, number>();
        for (const one of all) published.set(one.name, await one.stop());
        for (const reader of all) {
          for (const writer of all.filter((one) => one !== reader)) {
            const count = published.get(writer.name) ?? 0;
            const numbers = () => reader.observed.get(writer.name) ?? [];
            await until(
              () => numbers().at(-1) === count - 1,
              () => `${reader.name} observed ${numbers().length} of ${count} of ${writer.name}`,
            );
            // What was there before it started may come from etcd or not; the frozen machine was there first.
            const [from = 0] = numbers();
            if (reader === frozen) assert.equal(from, 0, `${reader.name} of ${writer.name}`);
            assert.deepEqual(
              numbers(),
              Array.from({ length: count - from }, (_, n) => from + n),
              `${reader.name} of ${writer.name}`,
            );
          }
        }
        const terms = all.flatMap(({ name, held }) => [...held].map(([of, { from, to }]) => ({ name, of, from, to })));
        terms.sort((one, other) => one.of - other.of);
        for (const [n, term] of terms.entries()) {
          const before = terms[n - 1];
          if (before === undefined) continue;
          assert.ok(term.of > before.of, JSON.stringify(terms));
          assert.ok(term.from > before.to, `two held at once: ${JSON.stringify(terms)}`);
        }
        for (const one of all) await one.end();
      });
    });
  }
});
