/** Components of Rust's tools, and one composed of two that pass strings to each other, as they came from the compiler. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { Engine, poll } from '../wasm/engine';
import { behavesAsASensor } from './sensor-behaviour';
import { recordedGuest } from './toolchain-guests';

const LIMIT = { timeout: 120_000 };
const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

describe('a recorded component', () => {
  behavesAsASensor(engine, { name: 'Rust for wasm32-wasip2', path: recordedGuest('rust') });
  behavesAsASensor(engine, { name: 'Rust for wasm32-unknown-unknown', path: recordedGuest('rust_core') });

  it('composed of two passes strings from one to the other', LIMIT, async () => {
    const guest = await engine.start(recordedGuest('composed'), { settings: { label: 'Küche “1”' } });
    const { value } = await poll(guest);
    assert.match(
      JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part)),
      /"Küche “1”: 21\.5 °C"/,
    );
  });
});
