/** The examples that the editor offers: complete, and each node is shown in one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const EXAMPLES = resolve('examples', 'flows');

interface ExampleNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly runtime?: string;
  readonly configSource?: string;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const types: string[] = Object.keys(readJson(resolve('package.json'))['node-red'].nodes);
const examples = readdirSync(EXAMPLES).map((file) => {
  const nodes: ExampleNode[] = readJson(join(EXAMPLES, file));
  return { file, nodes };
});

describe('the examples', () => {
  it('show each node at least once', () => {
    const shown = new Set(examples.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    assert.deepEqual(
      types.filter((type) => !shown.has(type)),
      [],
    );
  });

  it('have no id in common but that of the usual runtime, so that all of them can be imported and share it', () => {
    const all = examples.flatMap(({ nodes }) => nodes);
    const usual = all.filter(({ type, configSource }) => type === 'wasi-runtime' && configSource === 'file');
    for (const runtime of usual) assert.deepEqual(runtime, usual[0]);
    const ids = all.filter((node) => !usual.includes(node)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(usual.length > 1 && !ids.includes(usual[0]?.id ?? ''));
  });

  for (const { file, nodes } of examples) {
    it(`${file} is complete: every wire, flow and runtime is in it, and a comment`, () => {
      const ids = new Set(nodes.map(({ id }) => id));
      for (const { wires = [], z, runtime } of nodes) {
        for (const target of [...wires.flat(), z, runtime]) assert.ok(target === undefined || ids.has(target), target);
      }
      assert.ok(nodes.some(({ type }) => type === 'comment'));
      assert.ok(nodes.some(({ type }) => type === 'wasi-runtime'));
    });
  }
});
