/**
 * Pictures in a row → one animated PNG (PNG specification, third edition, section 11.3.6): the first picture's chunks, an
 * `acTL` before its data, and an `fcTL` before each picture; the data of later ones as `fdAT`. Programs that know no
 * animation show the first. Throws where the pictures are no PNGs, or not of one size and kind.
 */
import { crc32 } from '../../dist/src/platform/crc32.js';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const FOREVER = 0;
const MS_PER_SECOND = 1_000;

/** `frames`: `{ png, ms }`, the first shown first; `ms` below 65 536. */
export function animate(frames) {
  const pictures = frames.map(({ png, ms }) => ({ ms, ...partsOf(png) }));
  const [first] = pictures;
  if (first === undefined) throw new Error('there is no picture to show');
  if (pictures.some(({ head }) => !head.equals(first.head))) throw new Error('the pictures differ in size or kind');
  let sequence = 0;
  const control = ({ ms }) => {
    const data = Buffer.alloc(26);
    data.writeUInt32BE(sequence++, 0);
    // Width and height, as in the head; no offset, no blending: each picture replaces the one before.
    first.head.copy(data, 4, 0, 8);
    data.writeUInt16BE(ms, 20);
    data.writeUInt16BE(MS_PER_SECOND, 22);
    return chunk('fcTL', data);
  };
  const count = Buffer.alloc(8);
  count.writeUInt32BE(pictures.length, 0);
  count.writeUInt32BE(FOREVER, 4);
  const parts = [SIGNATURE, chunk('IHDR', first.head), chunk('acTL', count)];
  for (const picture of pictures) {
    parts.push(control(picture));
    if (picture === first) parts.push(chunk('IDAT', picture.data));
    else {
      const number = Buffer.alloc(4);
      number.writeUInt32BE(sequence++, 0);
      parts.push(chunk('fdAT', Buffer.concat([number, picture.data])));
    }
  }
  parts.push(chunk('IEND', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

/** Its head, and all of its data in one piece. */
function partsOf(png) {
  const chunks = [...chunksOf(png)];
  const head = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (head === undefined) throw new Error('a PNG without a head');
  return { head, data: Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)) };
}

/** Of any PNG: each has a length, a type, its data and a check sum. */
export function* chunksOf(png) {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('this is no PNG');
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    if (png.readUInt32BE(at + 8 + length) !== crc32(body)) throw new Error('a PNG whose check sum is wrong');
    yield { type: body.toString('latin1', 0, 4), data: body.subarray(4) };
    at += 12 + length;
  }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
