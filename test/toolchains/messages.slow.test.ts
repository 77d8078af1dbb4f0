/** What the author of a plugin in Go or JavaScript is told when it fails. */
import { after, afterEach, describe } from 'node:test';
import { Engine } from '../wasm/engine';
import { tellsWhatFailed } from './crash-messages';
import { builtGuest, notBuilt } from './toolchain-guests';

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

const built = (name: string) => ({ name, path: builtGuest(name), skip: notBuilt(name) });

const LOST = /it threw or gave an object where a text belongs\. This JavaScript runtime loses the text.*throw String\(/;

describe('a component just built that fails', () => {
  tellsWhatFailed(engine, built('go'), {
    throw: {
      code: 'PLUGIN_TRAPPED',
      says: /lost its state: panic: the sensor sent nonsense \(\S+main\.go line \d+, in main\.poll\)\. Return an error/,
    },
    mistake: {
      code: 'PLUGIN_TRAPPED',
      says: /panic: runtime error: index out of range \[0\] with length 0 \(\S+main\.go line \d+, in main\.poll\)/,
    },
    device: {
      code: 'PLUGIN_TRAPPED',
      says: /panic: the device at 0x44 failed .*Before that, i2c\.transfer failed: nothing answers at I²C address 0x44/,
    },
  });

  tellsWhatFailed(engine, built('quickjs'), {
    throw: { code: 'PLUGIN_ERROR', says: /^guest: the sensor sent nonsense$/ },
    mistake: { code: 'PLUGIN_ERROR', says: /^guest: cannot read property 'readings' of undefined$/ },
    device: {
      code: 'PLUGIN_TRAPPED',
      says: /an object where a string belongs\. Before that, i2c\.transfer failed: nothing answers.*Throw an Error or a text/,
    },
  });

  tellsWhatFailed(engine, built('starlingmonkey'), {
    throw: { code: 'PLUGIN_TRAPPED', says: LOST },
    mistake: { code: 'PLUGIN_TRAPPED', says: LOST },
    device: {
      code: 'PLUGIN_TRAPPED',
      says: /an object where a text belongs\. Before that, i2c\.transfer failed: nothing answers.*throw String\(/,
    },
  });
});
