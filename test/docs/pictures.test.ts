/** README's pictures are there, of the size the script takes them in; and several pictures become one that moves. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../src/platform/crc32';
import { REPOSITORY } from '../wasm/components';
import { type Frame, loadApng, loadSizes, pixelsOf } from './png';

const IMAGES = join(REPOSITORY, 'docs', 'images');

describe("README's pictures", () => {
  it('are there, and so is each that the script takes, in its size', async () => {
    const { PICTURES, MAX_BYTES } = await loadSizes();
    for (const [name, { width, height, scale }] of Object.entries(PICTURES)) {
      const png = readFileSync(join(IMAGES, name));
      assert.deepEqual(pixelsOf(png), { width: width * scale, height: height * scale }, name);
      assert.ok(png.length <= MAX_BYTES, name);
    }
    const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/\]\((docs\/images\/[^)]+)\)|src="(docs\/images\/[^"]+)"/g)];
    const paths = shown.map(([, markdown, html]) => markdown ?? html ?? '');
    assert.ok(paths.includes('docs/images/poll-cycle.png'));
    for (const path of paths) assert.ok(existsSync(join(REPOSITORY, path)), path);
  });
});

describe('pictures in a row', () => {
  it('become one that moves: each for its time, in one numbered order', async () => {
    const { animate, chunksOf } = await loadApng();
    const frames = [
      { png: dot(1), ms: 1_600 },
      { png: dot(2), ms: 160 },
      { png: dot(3), ms: 40_000 },
    ];
    const chunks = [...chunksOf(animate(frames))];
    const types = chunks.map(({ type }) => type);
    assert.deepEqual(types, ['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'fcTL', 'fdAT', 'IEND']);
    assert.deepEqual(chunks[1]?.data, Buffer.from('0000000300000000', 'hex'));
    const numbered = chunks.filter(({ type }) => type === 'fcTL' || type === 'fdAT');
    assert.deepEqual(
      numbered.map(({ data }) => data.readUInt32BE(0)),
      [0, 1, 2, 3, 4],
    );
    const times = chunks
      .filter(({ type }) => type === 'fcTL')
      .map(({ data }) => [data.readUInt16BE(20), data.readUInt16BE(22)]);
    assert.deepEqual(
      times,
      frames.map(({ ms }) => [ms, 1_000]),
    );
    const data = chunks.filter(({ type }) => type === 'fdAT').map(({ data: numberedData }) => numberedData.subarray(4));
    assert.deepEqual(data, [pixel(2), pixel(3)]);
  });

  it('must be of one size, and PNGs that are whole', async () => {
    const { animate } = await loadApng();
    const broken = dot(1);
    broken.writeUInt8(9, 20);
    const refused: readonly [readonly Frame[], RegExp][] = [
      [[], /no picture/],
      [
        [
          { png: dot(1), ms: 1 },
          { png: dot(1, 2), ms: 1 },
        ],
        /differ in size/,
      ],
      [[{ png: Buffer.from('no picture at all'), ms: 1 }], /no PNG/],
      [[{ png: broken, ms: 1 }], /check sum/],
    ];
    for (const [frames, message] of refused) assert.throws(() => animate(frames), message);
  });
});

/** One grey pixel, or what says that it is a row of them. */
function dot(grey: number, width = 1): Buffer {
  const head = Buffer.from('00000000000000010800000000', 'hex');
  head.writeUInt32BE(width, 0);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixel(grey)), chunk('IEND', Buffer.alloc(0))]);
}

function pixel(grey: number): Buffer {
  return deflateSync(Buffer.of(0, grey));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
