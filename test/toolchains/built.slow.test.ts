/** Components as this machine's compilers build them from the sources in test/fixtures/guests/toolchains. */
import { after, afterEach, describe } from 'node:test';
import { Engine } from '../wasm/engine';
import { behavesAsASensor } from './sensor-behaviour';
import { builtGuest, notBuilt, SENSORS } from './toolchain-guests';

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

describe('a component just built', () => {
  for (const name of SENSORS) behavesAsASensor(engine, { name, path: builtGuest(name), skip: notBuilt(name) });
});
