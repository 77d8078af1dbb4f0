import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { NodeBlocks } from '../../src/modbus/allocation';
import { AllocationFile } from '../../src/modbus/allocation-file';
import { parseAllocation } from '../../src/modbus/parse-allocation';
import { ToldReport } from '../platform/told-report';
import { readingOf } from '../readings/reading-of';

let dir: string;
let path: string;
let warnings: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'wasi-modbus-'));
  path = join(dir, 'modbus', 'registers.json');
  warnings = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function open(): Promise<AllocationFile> {
  return AllocationFile.open(path, (_level, text) => warnings.push(text));
}

function sensorsOf(nodes: readonly NodeBlocks[]): readonly string[] {
  return [...new Set(nodes.flatMap(({ blocks }) => blocks.map(({ sensor }) => sensor)))];
}

async function kept(): Promise<AllocationFile> {
  const file = await open();
  file.place([readingOf(), readingOf({ node: 'pi5' })], 'pi4');
  await file.save();
  return file;
}

describe('the file of the register map', () => {
  it('gives back what was kept', async () => {
    const file = await kept();
    assert.deepEqual((await open()).nodes(), file.nodes());
    assert.deepEqual(await readdir(join(dir, 'modbus')), ['registers.json']);
    assert.deepEqual(warnings, []);
  });

  it('holds what was placed while it was written, once save has come back', async () => {
    const file = await open();
    file.place([readingOf()], 'pi4');
    const first = file.save();
    const later = Array.from({ length: 20 }, (_, index) => {
      file.place([readingOf({ sensorId: `s${index}` })], 'pi4');
      return file.save();
    });
    await Promise.all([first, ...later]);
    assert.deepEqual((await open()).nodes(), file.nodes());
  });

  it('tells each time what is on the disk, and nothing that was placed meanwhile', async () => {
    const file = await open();
    const told: (readonly string[])[] = [];
    const onDisk: Promise<AllocationFile>[] = [];
    file.onSaved((saved) => {
      told.push(sensorsOf(saved));
      onDisk.push(open());
    });
    file.place([readingOf({ values: { temperature: 1 } })], 'pi4');
    const first = file.save();
    assert.deepEqual(sensorsOf(file.saved), []);
    file.place([readingOf({ sensorId: 'attic', values: { temperature: 2 } })], 'pi4');
    await first;
    assert.deepEqual(told.at(-1), ['room', 'attic']);
    assert.deepEqual(sensorsOf((await onDisk[0])?.nodes() ?? []).slice(0, told[0]?.length), told[0]);
    assert.deepEqual((await open()).nodes(), file.saved);
  });

  const broken: readonly [string, (text: string) => string][] = [
    ['cut', (text) => text.slice(0, -40)],
    ['empty', () => ''],
    ['of another version', (text) => text.replace('"version": 1', '"version": 2')],
    ['with an address that is no block’s', (text) => text.replace('"address": 40', '"address": 41')],
    ['with an address twice', (text) => text.replace('"address": 40', '"address": 32')],
    ['with an address beyond the range', (text) => text.replace('"address": 40', '"address": 65528')],
    ['with a field twice', (text) => text.replaceAll('"humidity"', '"temperature"')],
    ['with a name that is none', (text) => text.replace('"room"', '7')],
    ['with a factor of 0', (text) => text.replace('"scale": 100', '"scale": 0')],
    ['with a node twice', (text) => text.replace('"pi5"', 'null')],
  ];
  for (const [what, breakIt] of broken) {
    it(`${what} is set aside whole, with a warning that says where`, async () => {
      await kept();
      const text = await readFile(path, 'utf8');
      const damaged = breakIt(text);
      assert.notEqual(damaged, text);
      await writeFile(path, damaged);
      const file = await open();
      assert.deepEqual(file.nodes(), [{ node: undefined, blocks: [] }]);
      const aside = (await readdir(join(dir, 'modbus'))).find((name) => name.endsWith('.broken'));
      assert.ok(aside !== undefined);
      assert.equal(await readFile(join(dir, 'modbus', aside), 'utf8'), damaged);
      assert.equal(warnings.length, 1);
      assert.ok(warnings[0]?.includes(aside), warnings[0]);
    });
  }

  it('that may not be read is no reason to begin another map', async () => {
    await rm(path, { recursive: true, force: true });
    path = dir;
    await assert.rejects(open, { code: 'MODBUS_FAILED', message: /could not be read \(EISDIR\): it is a folder/ });
  });

  it('that cannot be written is a warning, is not what is served, and is written once it can be', async () => {
    const file = await open();
    await writeFile(join(dir, 'modbus'), 'in the way');
    file.place([readingOf()], 'pi4');
    await file.save();
    assert.match(warnings[0] ?? '', /could not be written to .*\(EEXIST\): it is a file where a folder is needed/);
    assert.match(warnings[0] ?? '', /not served until it can be written/);
    assert.deepEqual(sensorsOf(file.saved), []);
    await file.save();
    assert.equal(warnings.length, 1);
    await rm(join(dir, 'modbus'));
    await file.close();
    assert.match(warnings[1] ?? '', /is written to .* again/);
    assert.deepEqual(file.saved, file.nodes());
    assert.deepEqual((await open()).nodes(), file.nodes());
  });

  it('tells each runtime that uses it how its writes went, once a write, and whoever comes what failed before', async () => {
    const file = await open();
    const [first, second] = [new ToldReport(), new ToldReport()];
    const stop = [file.reportTo(first), file.reportTo(first)];
    await writeFile(join(dir, 'modbus'), 'in the way');
    file.place([readingOf()], 'pi4');
    await file.save();
    stop.push(file.reportTo(second));
    assert.deepEqual([first.told, second.told], [['failed EEXIST'], ['failed EEXIST']]);
    stop[0]?.();
    await rm(join(dir, 'modbus'));
    await file.save();
    assert.deepEqual(
      [first.told, second.told],
      [
        ['failed EEXIST', 'written'],
        ['failed EEXIST', 'written'],
      ],
    );
    stop[1]?.();
    assert.equal(first.told.at(-1), 'settled');
    await file.close();
  });

  it('names what is wrong in it', () => {
    const text = JSON.stringify({ version: 1, nodes: [{ node: null, blocks: [{ address: 33 }] }] });
    assert.throws(() => parseAllocation(text), /nodes\[0\]\.blocks\[0\]\.address must be the start of a block, not 33/);
  });
});
