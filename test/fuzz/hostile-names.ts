/**
 * Names that would be code if they were pasted into JavaScript: out of each kind of quotes, comments and brackets, and
 * names that mean something to the language. `CANARY` sets a global that `canary.ts` watches in every realm.
 */
export const CANARY_GLOBAL = '__pwned';
const CANARY = `globalThis.${CANARY_GLOBAL} = 1`;

export const HOSTILE_NAMES: readonly [string, ...string[]] = [
  `'];${CANARY};//`,
  `"];${CANARY};//`,
  `\`];${CANARY};//`,
  `\\'];${CANARY};//`,
  `\\27];${CANARY};//`,
  `'+(${CANARY})+'`,
  `"+(${CANARY})+"`,
  `\${${CANARY}}`,
  `*/${CANARY};/*`,
  `\n${CANARY}\n`,
  `\r${CANARY}\u2028${CANARY}\u2029`,
  `x\u0000';${CANARY}`,
  `a(){${CANARY}}`,
  `[(${CANARY})]`,
  `url=<https://a/'+(${CANARY})+'>`,
  `locked-dep=<a:b/c@1.0.0>`,
  `integrity=<sha256-${CANARY}>`,
  `[method]a.'+(${CANARY})+'`,
  '[constructor]a',
  '[async]a',
  '[resource-drop]a',
  'then',
  'constructor',
  '__proto__',
  'prototype',
  'arguments',
  'eval',
  'await',
  'this',
  'process',
  'to-string',
  'value-of',
  'test:test/then',
  'cm32p2_memory',
  '$imports',
  '',
  '\ufeffpoll',
  'pоll',
  'a'.repeat(1_025),
];
