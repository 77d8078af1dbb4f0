/**
 * Attacks on the host, each a component (or what claims to be one) and how it must end. All attacks of a file meet one
 * real runtime with a neighbour that is polled all the time. For each of them holds: the outcome is the one promised, the
 * loop never stalled, the neighbour answered every poll and kept its state, no thread is left but that of a guest which
 * may live, and nothing outside was touched. After all of them the process has not grown.
 *
 * Files are made before the clock starts: the text format is read by this thread, which is the host's no more.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { ErrorCode } from '../../src/errors/wasi-error';
import type { Reading } from '../../src/readings/reading';
import { AttackedHost, type HostileFile, type Scene, type Suffered } from './attacked-host';
import type { Stall } from './stall-probe';

export type Ending = 'answered' | ErrorCode;

export interface Attack {
  /** What it tries. */
  readonly tries: string;
  readonly file: (scene: Scene) => Promise<HostileFile> | HostileFile;
  readonly ends: Ending;
  /** What the error says. */
  readonly says?: RegExp;
  /** Values of the only reading, where it is answered. */
  readonly values?: Readonly<Record<string, number | string>>;
  /** Lines of `[plugins.X.grants]`. */
  readonly grants?: string;
  /** Lines of `[plugins.X.limits]`. */
  readonly limits?: string;
  /** Lines of `[plugins.X.settings]`. */
  readonly settings?: string;
  /** Polls of it; 1 unless given. The last one is what `ends` is about. */
  readonly polls?: number;
  /** What else must hold. */
  readonly afterwards?: (seen: Aftermath) => void | Promise<void>;
}

export interface Aftermath {
  readonly host: AttackedHost;
  readonly plugin: string;
  readonly readings: readonly Reading[];
  /** What was logged of it. */
  readonly log: readonly string[];
}

/** How long Node-RED's loop may be at work on one thing, for any guest (contract, section 5). */
const MAX_BUSY_MS = 20;
/**
 * With what the kernel holds it up: letting go of a guest's memory, for one, holds a lock of the whole process. On a machine
 * that is busy it takes longer, also for a plugin that attacks nothing: an attack may take as much longer as that one does.
 */
const MAX_BLOCKED_MS = 100;
/**
 * A stall that an attack makes is there each time; one of a machine that has no core for the thread that this one waits
 * for (a worker that ends, a lock) is not, and the kernel counts no wait of ours for it. Each try is a plugin of its own.
 */
const TRIES = ['', '_again', '_third', '_fourth', '_at_last'];
const ATTACK_LIMIT_MS = 240_000;
const SHOWN = 200;

export function attacks(title: string, table: readonly Attack[]): void {
  describe(title, () => {
    const named = table.map((attack, i) => ({ attack, plugins: TRIES.map((again) => `attack_${i}${again}`) }));
    let host: AttackedHost;
    before(async () => {
      const plugins = named.flatMap(({ attack: { grants = '', limits = '', settings = '' }, plugins: names }) =>
        names.map((plugin) => ({ plugin, grants, limits, settings })),
      );
      host = await AttackedHost.open(plugins);
    });
    after(() => host.close());
    for (const { attack, plugins } of named) {
      const name = `${attack.tries}: ${attack.ends}`;
      it(name, { timeout: ATTACK_LIMIT_MS }, async (t) => {
        const stalls: Stall[] = [];
        for (const plugin of plugins) {
          const stall = await suffer(t, host, plugin, attack);
          stalls.push(stall);
          if (stall.busyMs >= MAX_BUSY_MS) continue;
          if (stall.ownMs < MAX_BLOCKED_MS || stall.ownMs < MAX_BLOCKED_MS + (await host.harmlessStall())) return;
        }
        assert.fail(`the loop stood still, without its waits for a core: ${JSON.stringify(stalls)} ms`);
      });
    }
    it('after all of them no thread, no memory and no changed file is left', {
      timeout: ATTACK_LIMIT_MS,
    }, async (t) => {
      t.diagnostic(await host.recovered());
    });
  });
}

/** Returns the loop's longest stall, in ms. */
async function suffer(t: TestContext, host: AttackedHost, plugin: string, attack: Attack): Promise<Stall> {
  const judge = async ({ ending, error, readings, stall }: Suffered) => {
    const shown = error === undefined ? JSON.stringify(readings) : `${error.code}: ${error.message}`;
    t.diagnostic(`${shown.slice(0, SHOWN)} (at work ${stall.busyMs.toFixed(1)} of ${stall.ownMs.toFixed(1)} ms)`);
    assert.equal(ending, attack.ends, `it ended with ${shown}`);
    if (attack.says) assert.match(error?.message ?? '', attack.says);
    if (attack.values) assert.deepEqual(readings.length === 1 ? { ...readings[0]?.values } : readings, attack.values);
    await attack.afterwards?.({ host, plugin, readings, log: host.logOf(plugin) });
  };
  const { stall } = await host.suffer(plugin, await attack.file(host.scene), attack.polls, judge);
  return stall;
}
