import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { PluginConfig } from '../../src/host-config/host-config';
import { pluginConfig, pluginOfFile } from '../../src/host-config/plugin-tables';
import { parsed, refusal } from './host-toml';

function plugin(text: string, name: string): PluginConfig {
  const found = parsed(text).plugins.get(name);
  assert.ok(found, `${name} is configured`);
  return found;
}

describe('the plugins of a host.toml', () => {
  it('keep the order of their tables; bundled ones without a table follow, enabled as they come', () => {
    const config = parsed('[plugins.mine]\n[plugins.dashboard]\n[plugins.dht22]\nenabled = false\n');
    const states = [...config.plugins.values()].map(({ name, enabled }) => `${name} ${enabled}`);
    assert.deepEqual(states, ['mine true', 'dashboard true', 'dht22 false', 'bme680 true', 'pi_monitor true']);
  });

  it('go by one name with "-" and "_"', () => {
    assert.equal(plugin('[plugins.pi-monitor]\nenabled = false', 'pi_monitor').enabled, false);
  });

  it('may not be named twice', () => {
    assert.match(
      refusal('[plugins.my-sensor]\nled = 3\n[plugins.my_sensor]\nled = 4\n'),
      /line 3, plugins\.my_sensor: expected one table a plugin \("my-sensor" is the same/,
    );
  });

  it('is named by its file, unless no plugin may be called so', () => {
    assert.deepEqual(
      ['a-b.wasm', 'constructor.wasm', '__proto__.wasm', '--proto--.wasm', '.wasm', 'a b.wasm', 'a.txt'].map(
        pluginOfFile,
      ),
      ['a_b', 'constructor', undefined, undefined, undefined, undefined, undefined],
    );
  });

  it('may not be named like a path', () => {
    assert.match(refusal('[plugins."../evil"]'), /line 1, plugins\."\.\.\/evil": expected a name of letters/);
    assert.match(refusal('[plugins."*"]'), /expected a name of letters/);
  });

  it('need a table each', () =>
    assert.match(refusal('[plugins]\ndht22 = true'), /line 2, plugins\.dht22: expected a table/));

  it('may be pinned to one component', () => {
    assert.equal(plugin(`[plugins.x]\nsha256 = "${'AB'.repeat(32)}"`, 'x').sha256, 'ab'.repeat(32));
    assert.equal('sha256' in plugin('[plugins.x]', 'x'), false);
    assert.match(refusal('[plugins.x]\nsha256 = "abc"'), /sha256: expected 64 hexadecimal digits, found "abc"/);
  });

  it('share a process unless they are to have their own', () => {
    assert.equal(plugin('[plugins.x]', 'x').isolation, 'shared');
    assert.equal(plugin('', 'dht22').isolation, 'shared');
    assert.equal(plugin('[plugins.x]\nisolation = "process"', 'x').isolation, 'process');
    assert.match(refusal('[plugins.x]\nisolation = "thread"'), /isolation: expected .*process/);
  });

  it('have the limits of [limits], each of which their own table may override', () => {
    const limits = { deadlineMs: 900, loadDeadlineMs: 30_000, memoryMb: 64 };
    assert.deepEqual(plugin('[limits]\nmemory_mb = 64\n[plugins.x.limits]\ndeadline_ms = 900', 'x').limits, limits);
    assert.equal(plugin('[limits]\nmemory_mb = 64', 'dht22').limits.memoryMb, 64);
  });

  it('without a table are enabled and reach nothing', () => {
    const config = parsed('[limits]\ndeadline_ms = 70');
    const expected = {
      name: 'new_one',
      enabled: true,
      leds: [],
      grants: NO_GRANTS,
      settings: {},
      limits: config.defaultLimits,
      isolation: 'shared',
    };
    assert.deepEqual(pluginConfig(config, 'new-one'), expected);
    assert.ok(Object.isFrozen(pluginConfig(config, 'new-one')));
    assert.equal(pluginConfig(config, 'pi-monitor'), config.plugins.get('pi_monitor'));
  });
});

describe('the LEDs of a plugin', () => {
  it('are given as one or as a list, and told to the guest', () => {
    const one = plugin('[plugins.x]\nled = 3', 'x');
    assert.deepEqual(one.leds, [3]);
    assert.deepEqual(one.settings, { led: '3', leds: '3' });
    const two = plugin('[plugins.x]\nleds = [4, 3, 4]', 'x');
    assert.deepEqual(two.leds, [3, 4]);
    assert.deepEqual(two.settings, { led: '3', leds: '3,4' });
  });

  it('are none unless given', () => assert.deepEqual(plugin('[plugins.x]', 'x').leds, []));

  it('of a bundled plugin are the usual one, unless taken away or off the strip', () => {
    assert.deepEqual(plugin('[plugins.bme680]', 'bme680').leds, [2]);
    assert.deepEqual(plugin('[plugins.bme680]\nled = 5', 'bme680').leds, [5]);
    const dark = plugin('[plugins.bme680]\nleds = []', 'bme680');
    assert.deepEqual(dark.leds, []);
    assert.equal('led' in dark.settings, false);
    assert.deepEqual(plugin('[leds]\ncount = 2', 'bme680').leds, []);
  });

  for (const [text, complaint] of [
    ['[plugins.x]\nled = 11', /line 2, plugins\.x\.led: expected a whole number from 0 to 10 .*, found 11/],
    ['[leds]\ncount = 3\n[plugins.x]\nleds = [2, 3]', /line 4, plugins\.x\.leds\[1\]: .* from 0 to 2 .*, found 3/],
    ['[leds]\ncount = 0\n[plugins.x]\nled = 0', /expected no LED, as leds\.count is 0, found 0/],
    ['[plugins.x]\nled = 1\nleds = [1]', /line 3, plugins\.x\.leds: expected either led or leds/],
    ['[plugins.x]\nleds = 3', /plugins\.x\.leds: expected a list/],
  ] as const) {
    it(`are refused: ${text.replaceAll('\n', ' ')}`, () => assert.match(refusal(text), complaint));
  }
});

describe('the settings of a plugin', () => {
  it('are texts, whatever they were written as', () => {
    const text = '[plugins.x.settings]\na = 30\nb = 2.5\nc = true\nd = "x"\nconstructor = "y"\n';
    assert.deepEqual(Object.entries(plugin(text, 'x').settings), [
      ['a', '30'],
      ['b', '2.5'],
      ['c', 'true'],
      ['d', 'x'],
      ['constructor', 'y'],
    ]);
  });

  for (const value of ['{ a = 1 }', '[1]', 'nan', '1979-05-27']) {
    it(`are refused as ${value}`, () => {
      assert.match(refusal(`[plugins.x.settings]\na = ${value}`), /line 2, plugins\.x\.settings\.a: expected a number/);
    });
  }

  it('of a bundled plugin follow its tables, and its own settings come last', () => {
    const dht22 = plugin('[sensors.dht22]\ngpio_pin = 22\n[plugins.dht22.settings]\nalarm_above_c = 28.5', 'dht22');
    assert.deepEqual(dht22.settings, {
      gpio_pin: '22',
      led: '1',
      leds: '1',
      alarm_above_c: '28.5',
      alarm_dead_band_c: '2',
      beep_count: '3',
      beep_ms: '100',
      beep_interval_ms: '100',
    });
    assert.equal(plugin('[sensors.bme680]\ni2c_address = "0x76"', 'bme680').settings['i2c_address'], '0x76');
  });

  it('that is disabled stops nothing, whatever is wrong in its table', () => {
    const { warnings } = parsed(
      '[plugins.mine]\nenabled = false\nled = 99\n[plugins.mine.limits]\nmemory_mb = "big"\n',
    );
    assert.equal(warnings.length, 2);
    for (const warning of warnings) assert.match(warning, /it has no effect, since the plugin is disabled/);
    assert.match(refusal('[plugins.mine]\nled = 99'), /plugins\.mine\.led/);
  });
});
