/** A machine's clock that is set by a day while nodes publish through a real etcd: how old their readings are elsewhere. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../src/platform/clock';
import type { Reading } from '../../src/readings/reading';
import { until } from '../support/until';
import { inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { reading } from './numbered-readings';
import { type OpenedCluster, openCluster } from './opened-cluster';
import { SteppedClock } from './stepped-clock';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** As a plugin is polled; more than what is needed to tell a late message from a clock that was set. */
const EVERY_MS = 1_200;
/** Of the other node, while it is not certain that its clock was set. */
const MOST_WRONG = 1;

async function openAt(
  clock: Clock,
  nodeId: string,
  endpoints: readonly string[],
  folder: string,
): Promise<OpenedCluster> {
  return await openCluster({
    config: { enabled: true, nodeId, role: 'voter', endpoints },
    outboxFolder: join(folder, nodeId),
    version: '1.0.0',
    clock,
    log: () => undefined,
    onListenerError: (error) => assert.fail(String(error)),
  });
}

describe('a clock that is set by a day', { skip: noEtcd }, () => {
  for (const [whose, most] of [
    ['writer', MOST_WRONG],
    ['reader', 0],
  ] as const)
    it(`of the ${whose}, makes ${most} of its readings a day old or young elsewhere, back and forward`, async () => {
      await inCluster({ voters: 1 }, async ({ urls }) => {
        const folder = mkdtempSync(join(tmpdir(), 'wasi-clock-'));
        const clocks = { writer: new SteppedClock(), reader: new SteppedClock() };
        const writer = await openAt(clocks.writer, 'writer', urls, folder);
        const reader = await openAt(clocks.reader, 'reader', urls, folder);
        const ages: number[] = [];
        const take = (told: readonly Reading[]) => {
          for (const { timestamp } of told) ages.push(clocks.reader.now() - timestamp);
        };
        reader.cluster.subscribe((event) => event.kind === 'readings' && take(event.readings));
        let sent = 0;
        const publish = async (count: number) => {
          const before = ages.length;
          for (let i = 0; i < count; i++) {
            writer.publish([{ ...reading('writer', sent++), timestamp: clocks.writer.now() }]);
            await until(() => ages.length === sent);
            await pause(EVERY_MS);
          }
          return ages.slice(before).filter((age) => Math.abs(age) > HOUR_MS).length;
        };
        try {
          await until(() => reader.cluster.state.connected && writer.cluster.state.connected);
          assert.equal(await publish(2), 0);
          for (const stepMs of [-DAY_MS, DAY_MS]) {
            clocks[whose].aheadMs += stepMs;
            const wrong = await publish(3);
            assert.ok(wrong <= most, `${wrong} of 3: ${ages}`);
            const seen = reader.cluster.state.members.find(({ node }) => node === 'writer')?.lastSeen ?? Number.NaN;
            assert.ok(Math.abs(clocks.reader.now() - seen) < HOUR_MS, `seen ${seen}`);
          }
        } finally {
          await writer.close();
          await reader.close();
          rmSync(folder, { recursive: true });
        }
      });
    });
});
