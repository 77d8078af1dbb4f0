/** Every error of a plugin names it, once, whatever the plugin is called and whatever else the text says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorFacts, WasiError } from '../../src/errors/wasi-error';
import { asWasiError, deviceFailure, namedError } from '../../src/plugin-host/plugin-error';
import { DamagedBlob } from '../../src/wasm/damaged-blob';
import { DiskFailure, Shortage, TemporaryFailure } from '../../src/wasm/temporary-failure';

describe('the error of a plugin', () => {
  it('is given its name also where the text happens to contain it', () => {
    for (const plugin of ['a', 'core', 'i2c', 'module']) {
      const { code, message } = namedError(new WasiError('PLUGIN_INVALID', 'a core module imports i2c'), plugin);
      assert.deepEqual([code, message], ['PLUGIN_INVALID', `${plugin}: a core module imports i2c`]);
    }
    assert.equal(
      deviceFailure('i2c', { code: 'HARDWARE_IO', message: 'i2c: no answer' }).message,
      'i2c: i2c: no answer',
    );
  });

  it('is left as it is where those that throw it know its name', () => {
    const error = new WasiError('PLUGIN_DEADLINE', 'weather did not answer');
    assert.equal(asWasiError(error, 'weather'), error);
    assert.equal(asWasiError(new TypeError('odd'), 'weather').message, 'weather: TypeError: odd');
  });

  it('stays of the kind that decides whether its file is tried again', () => {
    for (const error of [new DiskFailure('no room'), new Shortage('no thread')]) {
      const named = namedError(error, 'weather');
      assert.ok(named instanceof TemporaryFailure);
      assert.equal(named.code, error.code);
    }
    assert.ok(namedError(new DamagedBlob('altered'), 'weather') instanceof DamagedBlob);
  });

  it('keeps its lines of host.toml, also over a thread', () => {
    const hostToml = '[plugins.weather.grants]\nfan = true';
    const error = namedError(new WasiError('CAPABILITY_DENIED', 'it imports fan:', { hostToml }), 'weather');
    assert.equal(error.message, `weather: it imports fan:\n${hostToml}`);
    const again = WasiError.fromFacts(structuredClone(errorFacts(error, 'PLUGIN_ERROR')));
    assert.deepEqual(
      [again.sentence, again.hostToml, again.message],
      ['weather: it imports fan:', hostToml, error.message],
    );
  });

  it('of a device has the plugin’s own words, which name it, or both', () => {
    const facts = { code: 'HARDWARE_IO', message: 'no device at 0x44' } as const;
    const report = (text: string) => deviceFailure('weather', facts, new WasiError('PLUGIN_ERROR', text)).message;
    assert.equal(report('weather: reading failed: no device at 0x44'), 'weather: reading failed: no device at 0x44');
    assert.equal(report('weather: odd'), 'weather: no device at 0x44 (the plugin reports: weather: odd)');
  });
});
