/** Two consents: a component imports an interface, and host.toml grants it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedImports } from '../../src/capabilities/import-check';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import { WASI_INTERFACES } from '../../src/wasm/wasi/wasi-imports';

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
    for (const iface of WASI_INTERFACES)
      for (const version of ['0.2.0', '0.2.3', '0.2.6', '0.2.99']) assert.deepEqual(refused(`${iface}@${version}`), []);
  });

  const everything = Object.assign({}, ...GRANTED_BY.map(([, grants]) => grants));
  const other = (name: string, spoken: string) =>
    assert.deepEqual(refused(name, everything), [{ kind: 'other-version', name, spoken }], name);

  it('of WASI in any other version is refused by name', () => {
    for (const iface of WASI_INTERFACES) {
      const spoken = `${iface.split('/')[0]} 0.2.x`;
      for (const version of [
        '0.1.0',
        '0.2.0-rc-2023-12-05',
        '0.3.0',
        '0.3.0-rc-2025-09-16',
        '0.20.0',
        '1.0.0',
        '10.2.0',
      ])
        other(`${iface}@${version}`, spoken);
    }
    other('wasi:clocks/system-clock@0.3.0', 'wasi:clocks 0.2.x');
  });

  it('of edge:plugin other than 1.x, and of demo:plugin other than 0.1 and 0.2, is refused by name', () => {
    for (const iface of ['settings', 'i2c', 'later-interface']) {
      for (const version of ['0.1.0', '0.2.0', '2.0.0', '11.0.0', '1.0.0-rc.1'])
        other(`edge:plugin/${iface}@${version}`, 'edge:plugin 1.x');
      for (const version of ['0.0.1', '0.3.0', '0.21.0', '1.0.0', '0.1.0-alpha'])
        other(`demo:plugin/${iface}@${version}`, 'demo:plugin 0.1.x and 0.2.x');
    }
  });

  it('of what this host speaks needs no special patch or minor version', () => {
    for (const name of [
      'edge:plugin/i2c@1.0.9',
      'edge:plugin/i2c@1.9.0',
      'demo:plugin/i2c@0.1.0',
      'demo:plugin/i2c@0.2.7',
    ])
      assert.deepEqual(refused(name, everything), []);
  });

  for (const name of [
    'wasi:http/outgoing-handler@0.2.0',
    'wasi:keyvalue/store@0.2.0',
    'evil:plugin/i2c@1.0.0',
    'edge:plugin/constructor@1.0.0',
    'edge:plugin/__proto__',
    'edge:plugin',
    'edge:plugin/i2c',
    'wasi:cli/stdout',
    'wasi:http/types@0.3.0',
    'wasi:cli/other@0.2.0',
    'i2c',
    '',
  ]) {
    it(`of ${JSON.stringify(name)} is unknown, whatever is granted`, () => {
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
