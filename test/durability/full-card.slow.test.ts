/** A card that is read-only, or has no room for further files: what is said, and what goes on once that is over. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AllocationFile } from '../../src/modbus/allocation-file';
import { makeFolder } from '../../src/platform/durable-file';
import { errnoOf } from '../../src/platform/errno';
import { ReceivedFile } from '../../src/plugin-host/received-file';
import { readingOf } from '../readings/reading-of';
import { bodyOf } from '../runtime/uploading';
import { Card } from './card';

/** Until no further file can be made, whatever room there is. */
function useUpInodes(folder: string): string {
  const filler = join(folder, 'filler');
  mkdirSync(filler);
  try {
    for (let n = 0; ; n += 1) writeFileSync(join(filler, `${n}`), '');
  } catch (error) {
    assert.equal(errnoOf(error), 'ENOSPC');
  }
  return filler;
}

const receive = (card: Card) =>
  ReceivedFile.receive(join(card.folder, 'wasi', 'uploads', 'id'), bodyOf(new Uint8Array(10)), 100);

describe('a card', () => {
  it('that is read-only is named as the reason, for folders that are to be made as well', async (t) => {
    const card = Card.open(t, 16);
    if ('reason' in card) return t.skip(card.reason);
    execFileSync('mount', ['-o', 'remount,ro', card.folder]);
    await assert.rejects(makeFolder(join(card.folder, 'a', 'b', 'c')), { code: 'EROFS' });
    await assert.rejects(receive(card), {
      code: 'PLUGIN_STORAGE',
      message: /the upload could not be kept in .* \(EROFS\): its disk is mounted read-only/,
    });
  });

  it('without room for further files is named as the reason', async (t) => {
    const card = Card.open(t, 4);
    if ('reason' in card) return t.skip(card.reason);
    useUpInodes(card.folder);
    await assert.rejects(receive(card), { code: 'PLUGIN_STORAGE', message: /\(ENOSPC\): the disk is full/ });
  });

  it('that was full moves no Modbus register: none is served before its place is written, and then all are', async (t) => {
    const card = Card.open(t, 4);
    if ('reason' in card) return t.skip(card.reason);
    const path = (on: Card) => join(on.folder, 'wasi', 'modbus', 'registers.json');
    const said: string[] = [];
    const file = await AllocationFile.open(path(card), (level, text) => said.push(`${level}: ${text}`));
    const filler = useUpInodes(card.folder);
    file.place([readingOf({ sensorId: 'late' })], 'pi4');
    await file.save();
    assert.deepEqual(file.saved, [{ node: undefined, blocks: [] }]);
    assert.match(said[0] ?? '', /^warn: .*\(ENOSPC\).*not served until/);
    rmSync(filler, { recursive: true });
    const told: unknown[] = [];
    file.onSaved((saved) => told.push(saved));
    await file.close();
    assert.deepEqual(told, [file.nodes()]);
    const after = await AllocationFile.open(path(card.cutPower()), (_level, text) => assert.fail(text));
    assert.deepEqual(after.saved, file.nodes());
  });
});
