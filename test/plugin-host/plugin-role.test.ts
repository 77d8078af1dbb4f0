import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { handOverOf, roleOf } from '../../src/plugin-host/plugin-role';

const ROLES = [
  ['edge:plugin/sensor-logic@1.0.0', 'sensor', 'poll', 'edge'],
  ['edge:plugin/dht22-logic@1.0.0', 'sensor', 'poll', 'edge'],
  ['edge:plugin/pi-monitor-logic@1.0.0', 'sensor', 'poll', 'edge'],
  ['edge:plugin/bme680-logic@1.2.0', 'sensor', 'poll', 'edge'],
  ['edge:plugin/dashboard-logic@1.0.0', 'dashboard', 'render', 'edge'],
  ['edge:plugin/display-logic@1.0.0', 'display', 'update', 'edge'],
  ['demo:plugin/sensor-logic@0.1.0', 'sensor', 'poll', 'demo'],
  ['demo:plugin/bme680-logic@0.2.0', 'sensor', 'poll', 'demo'],
  ['demo:plugin/oled-logic@0.2.0', 'display', 'update', 'demo'],
  ['demo:plugin/dashboard-logic@0.2.0', 'dashboard', 'render', 'demo'],
] as const;

describe('what a component is good for', () => {
  for (const [instance, kind, func, dialect] of ROLES) {
    it(`is told by its export ${instance}`, () =>
      assert.deepEqual(roleOf(['wasi:cli/run@0.2.0', instance]), { kind, func, instance, dialect }));
  }

  it('is nothing that this host knows, and then it is told what to build', () => {
    for (const exports of [
      [],
      ['wasi:cli/run@0.2.0'],
      ['edge:plugin/other-logic@1.0.0'],
      ['other:plugin/sensor-logic@1.0.0'],
      ['edge:plugin/constructor@1.0.0'],
      ['edge:plugin/sensor-logic'],
      ['constructor:plugin/sensor-logic@1.0.0'],
    ])
      assert.throws(() => roleOf(exports), { code: 'PLUGIN_INVALID', message: /sensor-plugin$/ });
  });

  it('is nothing in a version that this host does not speak, and that is said with those it does', () => {
    for (const [instance, spoken] of [
      ['edge:plugin/sensor-logic@2.0.0', 'edge:plugin 1.x'],
      ['edge:plugin/sensor-logic@0.2.0', 'edge:plugin 1.x'],
      ['demo:plugin/dht22-logic@0.3.0', 'demo:plugin 0.1.x and 0.2.x'],
      ['demo:plugin/dht22-logic@1.0.0', 'demo:plugin 0.1.x and 0.2.x'],
    ] as const) {
      assert.throws(
        () => roleOf([instance]),
        (error: unknown) => {
          assert.ok(error instanceof WasiError && error.code === 'PLUGIN_INVALID');
          assert.ok(
            error.message.startsWith(`it exports ${instance}, and this package speaks ${spoken} only`),
            error.message,
          );
          return true;
        },
      );
    }
  });

  it('may carry state over a reload', () => {
    assert.equal(handOverOf(['a:b/c@1.0.0', 'edge:plugin/hand-over@1.0.0']), 'edge:plugin/hand-over@1.0.0');
    assert.equal(handOverOf(['demo:plugin/hand-over@0.2.0']), undefined);
    assert.equal(handOverOf(['edge:plugin/hand-over@2.0.0']), undefined);
  });
});
