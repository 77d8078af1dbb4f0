/** Names that are code where they are written into generated JavaScript, and names that JavaScript knows. */
import { type Attack, attacks, type Ending } from './attack';
import type { Scene } from './attacked-host';
import { NAMED } from './wat-names';

/** What runs as code reaches for the file system by every way there is, and leaves its mark in the realm. */
function code({ forbiddenFile }: Scene): string {
  const write = `getBuiltinModule('fs').writeFileSync(${JSON.stringify(forbiddenFile)}, '')`;
  return `Object.prototype.hostile = 1; (globalThis.process ?? Function('return process')()).${write}`;
}

/** Each breaks out of one way of quoting. */
const BREAKOUTS: Readonly<Record<string, (code: string) => string>> = {
  'closing a single quote': (js) => `'];${js};['`,
  'closing a double quote': (js) => `"];${js};["`,
  'closing a template': (js) => `\`+(()=>{${js}})()+\``,
  'ending a comment': (js) => `*/${js}/*`,
  'on a line of its own': (js) => `\n${js}//`,
};

/** Names that may be any text: another takes their place before jco sees them, or nothing ever writes them anywhere. */
const HARMLESS: ReadonlySet<string> = new Set([
  'a core import module',
  'a core import field',
  'a core function',
  'a core memory',
  'a core table',
  'a core global',
  'an inline core instance',
  'a custom section',
  'a module and a function in the name section',
]);

const PLACES: readonly Attack[] = Object.entries(NAMED).map(([place, make], i) => {
  const breakouts = Object.entries(BREAKOUTS);
  const [how, breakOut] = breakouts[i % breakouts.length] ?? ['', String];
  const ends: Ending = HARMLESS.has(place) ? 'PLUGIN_ERROR' : 'PLUGIN_INVALID';
  return { tries: `is code as the name of ${place}, ${how}`, file: (scene) => make(breakOut(code(scene))), ends };
});

attacks('a name that is code', PLACES);
