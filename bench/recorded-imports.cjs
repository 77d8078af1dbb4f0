/**
 * The host's side of a guest's imports that hands over, with each call's effects, which functions the guest called with what,
 * and which device calls these made.
 */
const { join } = require('node:path');

const { hostImports } = require(join(__dirname, '..', 'dist', 'src', 'capabilities', 'host-imports.js'));

exports.hostImports = (data, access) => {
  let calls = [];
  let deviceCalls = [];
  const recordedAccess = {
    warn: (text) => access.warn(text),
    callDevice(method, args) {
      deviceCalls.push({ method, args });
      return access.callDevice(method, args);
    },
  };
  const { interfaces, takeEffects } = hostImports(data, recordedAccess);
  const recorded =
    (implementation) =>
    (...args) => {
      calls.push(args);
      return implementation(...args);
    };
  const wrapped = Object.entries(interfaces).map(([name, functions]) => {
    const entries = Object.entries(functions).map(([key, implementation]) => [key, recorded(implementation)]);
    return [name, Object.fromEntries(entries)];
  });
  return {
    interfaces: Object.fromEntries(wrapped),
    takeEffects() {
      const effects = takeEffects();
      const always = { calls, deviceCalls, effects };
      calls = [];
      deviceCalls = [];
      return { onSuccess: undefined, always };
    },
  };
};
