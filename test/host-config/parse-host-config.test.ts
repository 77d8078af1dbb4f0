import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_CONFIG_BYTES } from '../../src/host-config/parse-host-config';
import { parsed, refusal } from './host-toml';

describe('a host.toml that says nothing', () => {
  const config = parsed('');

  it('runs the four bundled plugins in their order', () => {
    assert.deepEqual([...config.plugins.keys()], ['dht22', 'bme680', 'pi_monitor', 'dashboard']);
    assert.ok([...config.plugins.values()].every((plugin) => plugin.enabled));
  });

  it('has the defaults of the original wiring', () => {
    assert.deepEqual(config.sensors, {
      dht22: { gpioPin: 4, offsets: { temperature: 0, humidity: 0 } },
      bme680: { bus: 1, address: 0x77, offsets: { temperature: 0, humidity: 0 } },
    });
    assert.deepEqual(config.leds, { count: 11, brightness: 50, driver: 'spi', onClose: 'dark' });
    assert.equal(config.buzzer.gpioPin, 17);
    assert.equal(config.fan.gpioPin, 27);
    assert.equal(config.polling.intervalSeconds, 5);
    assert.deepEqual(config.logging, { level: 'info', showSensorData: false });
    assert.deepEqual(config.defaultLimits, { deadlineMs: 5_000, loadDeadlineMs: 30_000, memoryMb: 128 });
  });

  it('calls the node by the name of the machine', () => {
    assert.deepEqual(config.cluster, {
      enabled: false,
      nodeId: 'workbench',
      endpoints: ['http://127.0.0.1:2379'],
      role: 'voter',
    });
  });

  it('simulates a world that moves', () => {
    const { dht22FailureRate, seed, ...signals } = config.simulation;
    assert.equal(dht22FailureRate, 0);
    assert.equal(seed, 1);
    for (const signal of Object.values(signals)) assert.ok(signal.amplitude > 0 && signal.noise > 0);
  });

  it('cannot be changed by anyone, at any depth', () => {
    const dht22 = config.plugins.get('dht22');
    assert.ok(dht22);
    for (const part of [config, config.warnings, config.plugins, dht22, dht22.grants, dht22.leds, dht22.settings]) {
      assert.ok(Object.isFrozen(part));
    }
    const plugins: unknown = config.plugins;
    assert.ok(plugins instanceof Map);
    assert.throws(() => plugins.set('mine', dht22), /frozen/);
    assert.throws(() => plugins.clear(), /frozen/);
  });
});

describe('a wrong value', () => {
  it('is refused with file, line, key, what was expected and what was found', () => {
    assert.match(
      refusal('[polling]\ninterval_seconds = 2\n\n[leds]\n# how many\ncount = "eleven"\n'),
      /^host\.toml, line 6, leds\.count: expected a whole number from 0 to 256, found "eleven"\. Correct it/,
    );
  });

  const wrong: readonly (readonly [text: string, complaint: RegExp])[] = [
    ['[polling]\ninterval_seconds = 0', /interval_seconds: expected a number from 0\.1 to 86400, found 0/],
    ['[polling]\ninterval_seconds = nan', /expected a number from 0\.1 to 86400, found NaN/],
    ['[sensors.dht22]\ngpio_pin = 4.5', /sensors\.dht22\.gpio_pin: expected a whole number from 0 to 27, found 4\.5/],
    ['[fan]\ngpio_pin = 28', /fan\.gpio_pin: expected a whole number from 0 to 27, found 28/],
    ['[sensors.bme680]\ni2c_address = 0x77', /i2c_address: expected "0x76" or "0x77", in quotes, found 119/],
    ['[sensors.bme680]\ni2c_address = "0x40"', /found "0x40"/],
    [
      '[sensors.dht22]\ngpio_pin = 4\ntemperature_offset = "-1.5"',
      /line 3, sensors\.dht22\.temperature_offset: expected a number from -20 to 20, found "-1\.5"/,
    ],
    [
      '[sensors.bme680]\n\n# a typing error\ntemperature_offset = -215',
      /line 4, sensors\.bme680\.temperature_offset: expected a number from -20 to 20, found -215/,
    ],
    [
      '[sensors]\ndht22 = { humidity_offset = 50.5 }',
      /line 2, sensors\.dht22\.humidity_offset: expected a number from -50 to 50, found 50\.5/,
    ],
    ['[sensors.bme680]\nhumidity_offset = true', /humidity_offset: expected a number from -50 to 50, found true/],
    [
      '[sensors.dht22]\ntemperature_offset = inf',
      /temperature_offset: expected a number from -20 to 20, found Infinity/,
    ],
    ['[leds]\nbrightness = 256', /brightness: expected a whole number from 0 to 255, found 256/],
    ['[leds]\ndriver = "pwm"', /driver: expected "spi" or "none", found "pwm"/],
    ['[logging]\nlevel = "loud"', /level: expected "error" or "warn" or .*, found "loud"/],
    ['[logging]\nshow_sensor_data = "yes"', /show_sensor_data: expected true or false, found "yes"/],
    ['[limits]\nmemory_mb = 0', /memory_mb: expected a whole number from 1 to 4096, found 0/],
    ['[cluster]\nnode_id = "a/b"', /node_id: expected a name of at most 64 .*, found "a\/b"/],
    ['[cluster]\nenabled = true\nendpoints = "http://a:1"', /endpoints: expected a list .*, found "http:\/\/a:1"/],
    [
      '[cluster]\nenabled = true\nendpoints = ["http://a:1",\n"ftp://a"]',
      /line 4, cluster\.endpoints\[1\]: expected a URL .*"ftp:/,
    ],
    ['[cluster]\nenabled = true\nrole = 1', /role: expected "leader-preferred" or "voter" or "learner", found 1/],
    ['leds = 3', /line 1, leds: expected a table, found 3/],
    ['[[leds]]', /leds: expected a table, found a list of 1/],
    ['leds = 1979-05-27', /leds: expected a table, found a date/],
    ['[simulation]\nseed = -1', /simulation\.seed: expected a whole number from 0/],
    ['[simulation]\ncpu_temperature = "hot"', /cpu_temperature: expected a number or a table .*, found "hot"/],
    ['[simulation]\ncpu_temperature = { noise = -1 }', /simulation\.cpu_temperature\.noise: .*, found -1/],
    ['[simulation]\ndht22_humidity = 101', /dht22_humidity: expected a number from 0 to 100, found 101/],
  ];
  for (const [text, complaint] of wrong) {
    it(`is refused: ${text.replaceAll('\n', ' ')}`, () => assert.match(refusal(text), complaint));
  }

  it('does not hide the others: all are named in the order of their lines', () => {
    const message = refusal('[plugins.x]\nled = 99\n[leds]\ncount = -1\ndriver = 3\n');
    const lines = [...message.matchAll(/line (\d+)/g)].map(([, line]) => line);
    assert.deepEqual(lines, ['2', '4', '5']);
  });

  it('does not flood the message: ten are named, the rest is counted', () => {
    const message = refusal(`[cluster]\nenabled = true\nendpoints = [${'1, '.repeat(14)}]`);
    assert.equal(message.match(/expected/g)?.length, 10);
    assert.match(message, /; and 4 more\./);
  });

  it('is shortened where it is long', () => {
    assert.ok(refusal(`[leds]\ndriver = "${'x'.repeat(5_000)}"`).length < 400);
  });
});

describe('a text that is no TOML', () => {
  it('is refused with line and column', () => {
    assert.match(
      refusal('[leds]\ncount = \n'),
      /^host\.toml, line 2, column \d+: Invalid TOML document: .*\. Correct it/,
    );
  });
  it('is refused for a key written twice', () => {
    assert.match(refusal('[fan]\ngpio_pin = 1\ngpio_pin = 2\n'), /line 3, .*redefine/);
  });
  it('is refused when it nests without end or is too long, without much ado', () => {
    assert.match(refusal(`a = ${'['.repeat(10_000)}`), /line 1/);
    assert.match(refusal('#'.repeat(MAX_CONFIG_BYTES + 1)), /expected at most 65536 bytes, found 65537/);
  });
});

describe('an unknown key', () => {
  it('is a warning with its line and the nearest known key, and the rest is kept', () => {
    const config = parsed('[leds]\ncount = 7\nbrigtness = 3\n');
    assert.deepEqual(config.warnings, [
      'host.toml, line 3, leds.brigtness: unknown key, ignored; did you mean "brightness"?',
    ]);
    assert.equal(config.leds.count, 7);
    assert.equal(config.leds.brightness, 50);
  });

  it('that resembles nothing is a warning with the known keys', () => {
    assert.match(parsed('[fan]\nzigbee = 1').warnings[0] ?? '', /known here are gpio_pin\./);
  });

  for (const [text, hint] of [
    ['[poling]\ninterval_seconds = 1', 'polling'],
    ['[sensors.dht2]', 'dht22'],
    ['[plugins.x]\nenable = true', 'enabled'],
    ['[plugins.x.grants]\nic2 = []', 'i2c'],
    ['[plugins.x.limits]\nmemory = 1', 'memory_mb'],
    ['[plugins.x.grants.process_image]\nreads = []', 'read'],
    ['[simulation]\ncpu_temprature = 3', 'cpu_temperature'],
    ['[simulation.cpu_temperature]\nmeen = 3', 'mean'],
  ] as const) {
    it(`is recognised anywhere: ${text.replace('\n', ' ')}`, () => {
      const { warnings } = parsed(text);
      assert.equal(warnings.length, 1);
      assert.ok(warnings[0]?.includes(`did you mean "${hint}"?`), warnings[0]);
    });
  }

  it('among very many does not flood the log', () => {
    const { warnings } = parsed(Array.from({ length: 60 }, (_, index) => `key_${index} = 1`).join('\n'));
    assert.equal(warnings.length, 51);
    assert.equal(warnings[50], 'host.toml: 10 more unknown keys were ignored.');
  });

  it('is not seen in [modbus] and in the settings of a plugin, which are not ours to know', () => {
    assert.deepEqual(parsed('[modbus]\nport = 1502\n[plugins.x.settings]\nanything = 1\n').warnings, []);
  });
});

describe('a key called __proto__', () => {
  for (const [where, text, place] of [
    ['at the top', '__proto__ = 3', 'line 1, __proto__'],
    ['as a table', '[__proto__]\npolluted = true', 'line 1, __proto__'],
    ['as a plugin', '[plugins.__proto__]\nenabled = true', 'line 1, plugins.__proto__'],
    ['as a plugin of another spelling', '[plugins.--proto--]\nenabled = true', 'line 1, plugins.--proto--'],
    ['as a grant', '[plugins.x.grants]\nbuzzer = true\n__proto__ = true', 'line 3, plugins.x.grants.__proto__'],
    ['as a table of grants', '[plugins.x.grants.__proto__]\nbuzzer = true', 'line 1, plugins.x.grants.__proto__'],
    ['as a dotted grant', '[plugins.x]\ngrants.__proto__.fan = true', 'line 2, plugins.x.grants.__proto__'],
    ['as a setting', '[plugins.x.settings]\n"__proto__" = "y"', 'line 2, plugins.x.settings.__proto__'],
    ['in a table that nobody reads', '[modbus]\na = [{ __proto__ = 1 }]', 'modbus.a[0].__proto__'],
    ['of a disabled plugin', '[plugins.x]\nenabled = false\n__proto__ = 1', 'line 3, plugins.x.__proto__'],
  ] as const) {
    it(`is refused ${where}`, () => {
      const message = refusal(text);
      assert.ok(message.includes(place), message);
      assert.match(message, /expected any other name|that is not "__proto__"/);
      assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    });
  }

  it('is not taken for other names that objects have by themselves, which stay keys like any other', () => {
    for (const name of ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
      const { plugins } = parsed(`[plugins.${name}]\nled = 3\n[plugins.x.settings]\n${name} = "y"\n`);
      assert.deepEqual(plugins.get(name)?.leds, [3]);
      assert.equal(plugins.get(name)?.grants.buzzer, false);
      assert.deepEqual(Object.entries(plugins.get('x')?.settings ?? {}), [[name, 'y']]);
      assert.match(parsed(`[plugins.x.grants]\n${name} = true`).warnings[0] ?? '', /unknown key/);
    }
  });
});

describe('a simulated signal', () => {
  const { simulation } = parsed(
    '[simulation]\ndht22_humidity = 51\ndht22_temperature = { mean = 30, amplitude = 3 }\nbme680_humidity = { noise = 1 }',
  );
  it('given as a number stays at it', () => {
    assert.deepEqual(simulation.dht22Humidity, { mean: 51, amplitude: 0, periodS: 900, noise: 0 });
  });
  it('given as a table moves as the table says and no further', () => {
    assert.deepEqual(simulation.dht22Temperature, { mean: 30, amplitude: 3, periodS: 600, noise: 0 });
    assert.deepEqual(simulation.bme680Humidity, { mean: 42, amplitude: 0, periodS: 1_100, noise: 1 });
  });
});
