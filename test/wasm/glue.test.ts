/** jco's glue becomes a script only while it looks as jco writes it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateGlue, scriptFromGlue } from '../../src/wasm/glue';
import { LiftBudget } from '../../src/wasm/lift-budget';

const HEAD = '"use components";\nexport function instantiate(getCoreModule, imports, instantiateCore) {\n';
const BODY =
  'let gen= (function* _initGenerator () {})();\nconst url = import.meta.url;\nreturn Promise.resolve({ url, imports });\n}';
const TAIL = ';\n\nexport const _util = { }\n';

describe('generated glue', () => {
  it('becomes a script that knows no place of its own', async () => {
    const instantiate = evaluateGlue(scriptFromGlue(HEAD + BODY + TAIL), 'glue.js');
    const imports = { a: {} };
    const exports = await instantiate(
      new LiftBudget(),
      () => assert.fail('no module was asked for'),
      imports,
      () => assert.fail('nothing was instantiated'),
    );
    assert.deepEqual({ ...exports }, { url: undefined, imports });
  });

  for (const [what, glue] of [
    ['without its entry', `export function start() {\n${BODY}${TAIL}`],
    ['with two entries', HEAD + HEAD + BODY + TAIL],
    ['with a second import.meta.url', `${HEAD}import.meta.url;\n${BODY}${TAIL}`],
    ['with something after its end', `${HEAD}${BODY}${TAIL}globalThis.x = 1;`],
    ['with something in its last export', `${HEAD}${BODY};\nexport const _util = { x: 1 }\n`],
    ['that is empty', ''],
  ] as const) {
    it(`${what} is another jco’s and is not run`, () => {
      assert.throws(() => scriptFromGlue(glue), { code: 'PLUGIN_INVALID', message: /expected shape/ });
    });
  }

  it('that is no JavaScript is never stored', () => {
    const glue = `${HEAD}const eval = 1;\n${BODY}${TAIL}`;
    assert.throws(() => scriptFromGlue(glue), { code: 'PLUGIN_INVALID', message: /no valid JavaScript.*rename/ });
  });
});
