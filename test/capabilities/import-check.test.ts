/** Two consents: a component imports an interface, and host.toml grants it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedImports } from '../../src/capabilities/import-check';
import type { Grants } from '../../src/host-config/host-config';
import { WASI_INTERFACES } from '../../src/wasm/wasi/wasi-imports';
import { NO_GRANTS } from '../wasm/engine';

const ADDRESS = { bus: 1, address: 0x76 };
/** For each interface that must be granted, the least that grants it. */
const GRANTED_BY: readonly (readonly [string, Partial<Grants>])[] = [
  ['buzzer-controller', { buzzer: true }],
  ['fan-controller', { fan: true }],
  ['system-info', { systemInfo: true }],
  ['state-store', { stateStore: true }],
  ['i2c', { i2c: [ADDRESS] }],
  ['spi', { spi: [{ bus: 0, chipSelect: 0 }] }],
  ['uart', { uart: ['/dev/ttyAMA0'] }],
  ['process-image', { processImage: { read: ['Temp_1'], write: [] } }],
  ['process-image', { processImage: { read: [], write: ['Relay_1'] } }],
];

const refused = (name: string, grants: Partial<Grants> = {}) =>
  refusedImports([name], { ...NO_GRANTS, ...grants }, WASI_INTERFACES);

describe('an import', () => {
  for (const [iface, grants] of GRANTED_BY) {
    const what = JSON.stringify(grants);
    it(`of ${iface} is refused without a grant and allowed by ${what}, in both packages`, () => {
      for (const name of [`edge:plugin/${iface}@1.0.0`, `demo:plugin/${iface}@0.2.0`]) {
        assert.deepEqual(refused(name), [{ kind: 'not-granted', name, interface: iface }]);
        assert.deepEqual(refused(name, grants), []);
      }
    });

    it(`of another interface is not allowed by ${what}`, () => {
      for (const [other] of GRANTED_BY) {
        if (other !== iface) assert.equal(refused(`edge:plugin/${other}@1.0.0`, grants).length, 1, other);
      }
    });
  }

  for (const iface of ['types', 'settings', 'led-controller', 'gpio-provider']) {
    it(`of ${iface} needs nothing`, () => assert.deepEqual(refused(`edge:plugin/${iface}@1.0.0`), []));
  }

  it('of WASI’s stubs needs nothing, whichever 0.2 it is', () => {
    for (const name of ['wasi:cli/stdout@0.2.0', 'wasi:sockets/tcp@0.2.6', 'wasi:filesystem/types@0.2.3']) {
      assert.deepEqual(refused(name), []);
    }
  });

  for (const name of [
    'wasi:http/outgoing-handler@0.2.0',
    'wasi:keyvalue/store@0.2.0',
    'evil:plugin/i2c@1.0.0',
    'edge:plugin/constructor@1.0.0',
    'edge:plugin/__proto__',
    'edge:plugin',
    'i2c',
    '',
  ]) {
    it(`of ${JSON.stringify(name)} is unknown, whatever is granted`, () => {
      const everything = Object.assign({}, ...GRANTED_BY.map(([, grants]) => grants));
      assert.deepEqual(refused(name, everything), [{ kind: 'unknown', name }]);
    });
  }

  it('is refused for each name by itself', () => {
    const names = [
      'edge:plugin/i2c@1.0.0',
      'edge:plugin/settings@1.0.0',
      'wasi:http/types@0.2.0',
      'edge:plugin/spi@1.0.0',
    ];
    const refusals = refusedImports(names, { ...NO_GRANTS, i2c: [ADDRESS] }, WASI_INTERFACES);
    assert.deepEqual(
      refusals.map(({ kind, name }) => [kind, name]),
      [
        ['unknown', 'wasi:http/types@0.2.0'],
        ['not-granted', 'edge:plugin/spi@1.0.0'],
      ],
    );
  });
});
