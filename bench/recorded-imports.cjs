/** The host's side of a guest's imports that hands over, with each call's effects, which functions the guest called with what. */
const { join } = require('node:path');

const { hostImports } = require(join(__dirname, '..', 'dist', 'src', 'capabilities', 'host-imports.js'));

exports.hostImports = (data, warn) => {
  const { interfaces, takeEffects } = hostImports(data, warn);
  let calls = [];
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
      takeEffects();
      const taken = calls;
      calls = [];
      return { onSuccess: undefined, always: taken };
    },
  };
};
