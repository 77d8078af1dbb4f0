/** WASI's functions as the glue calls them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pollable } from '../../src/wasm/wasi/io';
import { OutputLines } from '../../src/wasm/wasi/output-lines';
import { wasiImports } from '../../src/wasm/wasi/wasi-imports';

const imports = wasiImports(new OutputLines(() => undefined));

function call(iface: string, func: string, ...args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(imports[iface] ?? {}, func);
  assert.ok(typeof found === 'function', `${iface} ${func} is a function`);
  return Reflect.apply(found, undefined, args);
}

describe('random bytes', () => {
  for (const [iface, func] of [
    ['wasi:random/random', 'getRandomBytes'],
    ['wasi:random/insecure', 'getInsecureRandomBytes'],
  ] as const) {
    it(`of ${iface} are as many as were asked for, up to a limit that the failure names`, () => {
      for (const length of [0, 16, 65_536]) {
        const bytes = call(iface, func, BigInt(length));
        assert.ok(bytes instanceof Uint8Array && bytes.length === length, String(length));
      }
      for (const length of [65_537n, 2n ** 63n, 2n ** 64n - 1n])
        assert.throws(() => call(iface, func, length), /at most 65536 are given at a time \(a fixed limit\)/);
    });
  }
});

describe("a guest's monotonic clock", () => {
  it('goes on as before where the clock of the machine is set', (t) => {
    const MINUTE_NS = 60_000_000_000n;
    const now = (): bigint => {
      const ns = call('wasi:clocks/monotonic-clock', 'now');
      assert.ok(typeof ns === 'bigint');
      return ns;
    };
    const before = now();
    for (const date of [0, 4_000_000_000_000]) {
      t.mock.method(Date, 'now', () => date);
      const passed = now() - before;
      assert.ok(passed >= 0n && passed < MINUTE_NS, `${passed} ns passed`);
      const isOver = (ns: bigint): boolean => {
        const wait = call('wasi:clocks/monotonic-clock', 'subscribeDuration', ns);
        assert.ok(wait instanceof Pollable);
        return wait.ready();
      };
      assert.deepEqual([isOver(0n), isOver(60n * MINUTE_NS)], [true, false]);
    }
  });
});
