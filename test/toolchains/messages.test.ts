/** What the author of a plugin in Rust is told when it fails. */
import { after, afterEach, describe } from 'node:test';
import { Engine } from '../wasm/engine';
import { tellsWhatFailed } from './crash-messages';
import { recordedGuest } from './toolchain-guests';

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

const UNREACHABLE = /lost its state: wasm trap: .*unreachable.*wrote no reason to stderr.*wasm32-wasip2/;

describe('a recorded component that fails', () => {
  tellsWhatFailed(
    engine,
    { name: 'Rust for wasm32-wasip2', path: recordedGuest('rust') },
    {
      throw: {
        code: 'PLUGIN_TRAPPED',
        says: /lost its state: the sensor sent nonsense \(sensor\/src\/lib\.rs line \d+\)\. Return an Err/,
      },
      mistake: {
        code: 'PLUGIN_TRAPPED',
        says: /index out of bounds: the len is 0 but the index is 0 \(sensor\/src\/lib\.rs line \d+\)/,
      },
      device: {
        code: 'PLUGIN_TRAPPED',
        says: /DeviceError::Missing\("nothing answers at I²C address 0x44.*\(sensor\/src\/lib\.rs line \d+\)/,
      },
    },
  );
  tellsWhatFailed(
    engine,
    { name: 'Rust for wasm32-unknown-unknown', path: recordedGuest('rust_core') },
    {
      throw: { code: 'PLUGIN_TRAPPED', says: UNREACHABLE },
      mistake: { code: 'PLUGIN_TRAPPED', says: UNREACHABLE },
      device: {
        code: 'PLUGIN_TRAPPED',
        says: /Before that, i2c\.transfer failed: nothing answers at I²C address 0x44/,
      },
    },
  );
});
