/** What the author of a sensor is told when it fails, by each toolchain and `behaviour`. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Engine, poll } from '../wasm/engine';
import type { SensorUnderTest } from './sensor-behaviour';

/** Compiling StarlingMonkey's 12 MB takes a while on a busy machine. */
const LIMIT = { timeout: 300_000 };
const GRANTS = { i2c: [{ bus: 1, address: 0x44 }] };

export interface Told {
  readonly code: 'PLUGIN_ERROR' | 'PLUGIN_TRAPPED';
  /** In this order. */
  readonly says: RegExp;
}

/** Registers the tests of one sensor. */
export function tellsWhatFailed(
  engine: Engine,
  { name, path, skip = false }: SensorUnderTest,
  told: Readonly<Record<'throw' | 'mistake' | 'device', Told>>,
): void {
  for (const [behaviour, { code, says }] of Object.entries(told)) {
    it(`${name}: says what failed and what to write (${behaviour})`, { ...LIMIT, skip }, async () => {
      const guest = await engine.start(path, { settings: { behaviour }, grants: GRANTS });
      await assert.rejects(poll(guest), { code, message: says });
    });
  }
}
