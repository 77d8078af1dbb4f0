/** What a file says about itself, read without running any of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_SECTIONS, u32Leb } from '../../src/wasm/byte-reader';
import { inspectComponent } from '../../src/wasm/inspect';
import { bundledPlugin, bytesOf, fixture, fromText } from './components';

const COMPONENT_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const PLUGINS = ['bme680', 'dashboard', 'dht22', 'pi_monitor'].map(bundledPlugin);
const GUESTS = ['counter_v1', 'counter_kept_v2', 'demo_0_1_0', 'demo_0_2_0', 'faults', 'i2c_reader'].map(fixture);
/** A prime, so that cuts fall at every kind of place. */
const CUT_STEP_BYTES = 7_919;
const FINE_CUTS = 300;

function refused(bytes: Uint8Array, message: RegExp): void {
  assert.throws(() => inspectComponent(bytes), { name: 'WasiError', code: 'PLUGIN_INVALID', message });
}

describe('a component, before any of it runs', () => {
  it('tells what it imports and exports, by full name with version', () => {
    const { imports, exports } = inspectComponent(bytesOf(bundledPlugin('dht22')));
    assert.ok(exports.includes('edge:plugin/dht22-logic@1.0.0'), exports.join());
    assert.ok(imports.includes('edge:plugin/gpio-provider@1.0.0'), imports.join());
    assert.ok(imports.every((name) => /^(edge:plugin|wasi:[a-z]+)\/[a-z-]+@\d/.test(name)));
  });

  it('is accepted when it is one that people build', () => {
    for (const path of [...PLUGINS, ...GUESTS]) assert.ok(inspectComponent(bytesOf(path)).exports.length > 0, path);
  });

  it('is refused wherever it was cut off', () => {
    const whole = bytesOf(fixture('counter_v1'));
    const { exports } = inspectComponent(whole);
    const near = (end: number) => Array.from({ length: FINE_CUTS }, (_, i) => Math.max(0, end - 1 - i));
    const coarse = Array.from({ length: Math.floor(whole.length / CUT_STEP_BYTES) }, (_, i) => i * CUT_STEP_BYTES);
    let cutBetweenSections = 0;
    for (const length of new Set([...near(FINE_CUTS), ...coarse, ...near(whole.length)])) {
      try {
        const seen = inspectComponent(whole.subarray(0, length));
        // Between two sections a short file looks whole. Its exports, at the end, are missing then.
        cutBetweenSections += 1;
        assert.ok(length > whole.length - FINE_CUTS || seen.exports.length < exports.length, `cut at ${length}`);
      } catch (error) {
        assert.match(String(error), /copy it again/, `cut at ${length}`);
      }
    }
    assert.ok(cutBetweenSections < 20, `${cutBetweenSections} cuts went unnoticed`);
  });

  it('is refused when it is a core module, with what to build instead', async () => {
    refused(await fromText('(module (memory 1))'), /core WebAssembly module, not a component: build it with/);
  });

  it('is refused when it is nothing of the kind', () => {
    refused(new Uint8Array(), /not a WebAssembly component/);
    refused(Buffer.from('<!doctype html><title>404</title>'), /not a WebAssembly component/);
    refused(new Uint8Array(4_096).fill(0xff), /not a WebAssembly component/);
  });

  it('is refused when it has more sections than anybody looks through', () => {
    const empty = (count: number) => Array.from({ length: count }, () => [0, 0]).flat();
    const most = Uint8Array.from([...COMPONENT_HEADER, ...empty(MAX_SECTIONS)]);
    assert.deepEqual(inspectComponent(most), { imports: [], exports: [] });
    refused(Uint8Array.from([...most, 0, 0]), /more than 10000 sections \(a fixed limit\)/);
  });

  it('is refused when a section claims more entries than it can hold', () => {
    for (const section of [10, 11]) {
      const body = u32Leb(2 ** 32 - 1);
      refused(Uint8Array.from([...COMPONENT_HEADER, section, body.length, ...body]), /claims 4294967295 entries/);
    }
  });

  it('is refused when a section claims more bytes than the file has', () => {
    refused(Uint8Array.from([...COMPONENT_HEADER, 10, ...u32Leb(2 ** 32 - 1), 0]), /the file ends/);
  });

  it('is refused when a length never ends', () => {
    refused(Uint8Array.from([...COMPONENT_HEADER, 10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]), /longer than 32 bits/);
  });

  it('is refused when a name is not UTF-8', () => {
    refused(Uint8Array.from([...COMPONENT_HEADER, 11, 5, 1, 0x00, 2, 0xc3, 0x28]), /not UTF-8/);
  });
});
