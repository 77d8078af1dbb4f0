/**
 * The imports of a guest that, at the end of each of its calls, calls one device so often and hands over how long each call
 * took, in ms: `jobs` of its data says which, one after the other. Its clock is Node.js's; a guest has none as fine.
 */
const { join } = require('node:path');

const { hostImports } = require(join(__dirname, '..', 'dist', 'src', 'capabilities', 'host-imports.js'));
// Taken before the globals of the guest's thread are removed.
const { performance } = require('node:perf_hooks');

exports.hostImports = (data, access) => {
  const { interfaces, takeEffects } = hostImports(data, access);
  const left = [...data.jobs];
  return {
    interfaces,
    takeEffects() {
      takeEffects();
      return { onSuccess: undefined, always: timed(access, left.shift()) };
    },
  };
};

function timed(access, { method, args, times }) {
  const tookMs = [];
  let failed = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const startedAt = performance.now();
    try {
      access.callDevice(method, args);
    } catch {
      failed += 1;
    }
    tookMs.push(performance.now() - startedAt);
  }
  return { tookMs, failed };
}
