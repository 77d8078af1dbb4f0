/**
 * A client that polls for as long as one has patience, with Node-RED restarted in the middle: not one wrong value, and
 * the same map afterwards. A few seconds here; EDGE_WASI_MODBUS_SOAK_SECONDS=600 makes it the ten minutes of a soak.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { MapEntry } from '../../src/modbus/register-map';
import { ask, MISSING } from '../modbus/mbpoll';
import { inlineRuntime, onTab, pollNode, TAB } from './flow-nodes';
import { NodeRed } from './node-red';
import { freePort } from './user-directory';

const SOAK_SECONDS = Number(process.env['EDGE_WASI_MODBUS_SOAK_SECONDS'] ?? 6);
/** Of the still world, by plugin and field; what is not here changes. */
const VALUES: Readonly<Record<string, number>> = {
  'dht22/temperature': 21.5,
  'dht22/humidity': 40,
  'pi_monitor/cpuTemp': 48,
};
const GOOD = 1;
const STATUS_OFFSET = 3;

let nodeRed: NodeRed;
let port: number;
before(async () => {
  nodeRed = await NodeRed.start();
  port = await freePort();
});
after(() => nodeRed.stop());

interface Tally {
  polls: number;
  unreachable: number;
}

describe('a client that polls for long', { skip: MISSING }, () => {
  it('reads no wrong value, and finds the same map after Node-RED was restarted in the middle', async (t) => {
    const properties = { runtime: 'runtime', transport: 'tcp', port, unitId: 3, wordOrder: 'CDAB', staleAfter: 30 };
    await nodeRed.deploy([
      TAB,
      inlineRuntime('runtime'),
      pollNode('poll', '*', [], { every: '0.5' }),
      onTab('gateway', 'modbus-gateway', properties),
    ]);
    const map = await fullMap();
    const file = join(nodeRed.userDir, 'wasi', 'modbus', 'registers.json');
    const kept = await keptMap(file, map);
    const tally: Tally = { polls: 0, unreachable: 0 };
    const soak = pollFor(SOAK_SECONDS, map, tally);
    await pause((SOAK_SECONDS * 1_000) / 2);
    await nodeRed.restart();
    await soak;
    assert.deepEqual(await fullMap(), map);
    assert.equal(await readFile(file, 'utf8'), kept);
    assert.ok(tally.polls > tally.unreachable, `${tally.polls} polls, ${tally.unreachable} of them while it restarted`);
    t.diagnostic(`${tally.polls} polls in ${SOAK_SECONDS} s, ${tally.unreachable} of them while it restarted`);
  });
});

/** The text of the file, which is written behind the map that it keeps. */
function keptMap(file: string, map: readonly MapEntry[]): Promise<string> {
  const fields = new Set(map.map(({ plugin, sensor, field }) => `${plugin}/${sensor}/${field}`)).size;
  return nodeRed.until('the map is kept', async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text.split('"field":').length - 1 === fields && text;
  });
}

function fullMap(): Promise<readonly MapEntry[]> {
  return nodeRed.until('the map has every sensor', async () => {
    const response = await nodeRed.request('/edge-wasi/modbus/gateway/registers');
    const entries: readonly MapEntry[] = response.ok ? await response.json() : [];
    return new Set(entries.map(({ plugin }) => plugin)).size === 3 && entries;
  });
}

/** Values are right, or marked as none while nothing was read yet. */
async function pollFor(seconds: number, map: readonly MapEntry[], tally: Tally): Promise<void> {
  const endsAt = Date.now() + seconds * 1_000;
  while (Date.now() < endsAt || tally.polls === tally.unreachable) {
    for (const { unitId, address, plugin, field } of map) {
      const expected = VALUES[`${plugin}/${field}`];
      if (expected === undefined) continue;
      const status = await ask({ port }, { unitId, table: 'input', address: address + STATUS_OFFSET });
      const value = await ask({ port }, { unitId, table: 'holding float', address, isCdab: true });
      tally.polls += 1;
      if (typeof value === 'string' || typeof status === 'string' || value.length === 0) tally.unreachable += 1;
      else if (status[0] === GOOD && !Number.isNaN(value[0])) assert.deepEqual(value, [expected], `${plugin} ${field}`);
      else assert.ok(Number.isNaN(value[0]) || value[0] === expected, `${plugin} ${field} is ${value}, ${status}`);
    }
  }
}
