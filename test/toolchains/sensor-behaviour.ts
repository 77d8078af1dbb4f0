/** What every toolchain's sensor does when it is loaded and polled, with the loader and the imports that plugins get. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Engine, metricsOf, poll } from '../wasm/engine';

/** Compiling StarlingMonkey's 12 MB takes a while on a busy machine. */
const LIMIT = { timeout: 300_000 };

export interface SensorUnderTest {
  readonly name: string;
  readonly path: string;
  readonly skip?: string | false;
}

/** Registers the tests of one sensor. */
export function behavesAsASensor(engine: Engine, { name, path, skip = false }: SensorUnderTest): void {
  it(`${name}: is loaded and polled, and keeps its state`, { ...LIMIT, skip }, async () => {
    const guest = await engine.start(path);
    for (const polls of [1, 2, 3]) {
      const answer = await poll(guest);
      assert.deepEqual(metricsOf(answer), { polls });
      assert.match(JSON.stringify(answer.value, withoutBigints), /"kitchen".*"°C"/);
    }
    await guest.close();
  });

  it(`${name}: the error it returned is its sentence, and it lives on`, { ...LIMIT, skip }, async () => {
    const guest = await engine.start(path, { settings: { behaviour: 'error' } });
    for (const _ of [1, 2]) {
      await assert.rejects(poll(guest), { code: 'PLUGIN_ERROR', message: /the wire at °C 5 is broken/ });
    }
    await guest.close();
  });
}

function withoutBigints(_: string, part: unknown): unknown {
  return typeof part === 'bigint' ? Number(part) : part;
}
