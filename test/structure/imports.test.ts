/** Folders import what CONTRIBUTING's table says, and nothing else. The table has no entry that nothing needs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';
import { covers, type Import, importsBelow, importsOf, ruleFor, rulesOf } from './import-rules';

const RULES = rulesOf(readFileSync(join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8'), 'Structure');
const IMPORTS = importsBelow(REPOSITORY, ['src', 'nodes']);

/** undefined where the import is inside one folder. */
function entryFor(found: Import): string | undefined {
  const rule = ruleFor(found.file, RULES);
  assert.ok(rule !== undefined, `no row of the table has ${found.file}`);
  if (found.kind === 'package') return rule.packages.find((name) => name === found.target) ?? 'none';
  if (ruleFor(found.target, RULES) === rule) return undefined;
  const may = found.isOnlyTypes ? [...rule.imports, ...rule.types] : rule.imports;
  return may.find((entry) => covers(entry, found.target)) ?? 'none';
}

describe('the imports between folders', () => {
  it('are those of a table of all folders', () => {
    assert.ok(RULES.length > 15, `${RULES.length} rows`);
    assert.ok(IMPORTS.length > 1_000, `${IMPORTS.length} imports`);
  });

  it('are allowed by the table in CONTRIBUTING', () => {
    const forbidden = IMPORTS.filter((found) => entryFor(found) === 'none');
    assert.deepEqual(
      forbidden.map(({ file, target, isOnlyTypes }) => `${file} imports ${isOnlyTypes ? 'types of ' : ''}${target}`),
      [],
    );
  });

  it('are all that the table allows', () => {
    const used = new Set(
      IMPORTS.map((found) => `${ruleFor(found.file, RULES)?.folder} ${found.isOnlyTypes} ${entryFor(found)}`),
    );
    const isUsed = (folder: string, entry: string, kinds: readonly boolean[]) =>
      kinds.some((isOnlyTypes) => used.has(`${folder} ${isOnlyTypes} ${entry}`));
    const unused = RULES.flatMap(({ folder, imports, types, packages }) => [
      ...imports.filter((entry) => !isUsed(folder, entry, [false])).map((entry) => `${folder} imports ${entry}`),
      ...types.filter((entry) => !isUsed(folder, entry, [true])).map((entry) => `${folder} types of ${entry}`),
      ...packages.filter((entry) => !isUsed(folder, entry, [true, false])).map((name) => `${folder} package ${name}`),
    ]);
    assert.deepEqual(unused, []);
  });

  it('lead to no circle of folders', () => {
    const next = new Map(
      RULES.map(({ folder, imports }) => [folder, [...new Set(imports.map((entry) => ruleFor(entry, RULES)?.folder))]]),
    );
    const circles: string[] = [];
    const visit = (folder: string, path: readonly string[]): void => {
      if (path.includes(folder)) {
        circles.push([...path.slice(path.indexOf(folder)), folder].join(' → '));
        return;
      }
      for (const other of next.get(folder) ?? []) if (other !== undefined) visit(other, [...path, folder]);
    };
    for (const { folder } of RULES) visit(folder, []);
    assert.deepEqual([...new Set(circles)], []);
  });
});

describe('the imports of a source', () => {
  const kindsOf = (text: string) =>
    importsOf('src/a/b.ts', text).map(({ target, kind, isOnlyTypes }) => [target, kind, isOnlyTypes]);

  it('are found in each form', () => {
    assert.deepEqual(
      kindsOf(`import './side';
import type { A } from '../c/d';
import {
  type B,
  type C,
} from '../c/e';
import { type B, c } from '../c/f';
export { d } from './g';
const h = await import('../c/h');
let i: typeof import('serialport');
const j = require('@scope/name/part');
import { join } from 'node:path';
`),
      [
        ['src/c/d.ts', 'source', true],
        ['src/c/e.ts', 'source', true],
        ['src/c/f.ts', 'source', false],
        ['src/a/g.ts', 'source', false],
        ['src/a/side.ts', 'source', false],
        ['src/c/h.ts', 'source', false],
        ['serialport', 'package', true],
        ['@scope/name', 'package', false],
      ],
    );
  });
});
