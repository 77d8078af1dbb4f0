/**
 * RTU framing (Modbus over Serial Line V1.02, 2.5.1): unit, PDU, and a CRC-16 whose low byte comes first. Frames are set
 * apart by silence, which a program hears only roughly: when it listens, several frames may lie in one read. They are
 * separated by the length that their function gives them, and by their CRC. Pure.
 */

const MIN_LENGTH = 4;
export const MAX_FRAME_LENGTH = 256;
const CRC_LENGTH = 2;
/** To all units; nobody answers. */
export const BROADCAST = 0;
/** Added to the function of a request that is refused. */
const EXCEPTION = 0x80;
/** Section 6.2.2 of V1.02: preset and the polynomial, its bits in reverse. */
const CRC_PRESET = 0xffff;
const CRC_POLYNOMIAL = 0xa001;
const BITS = 8;

export interface RtuRequest {
  readonly unitId: number;
  readonly pdu: Buffer;
}

export interface Heard {
  /** To us and to all, in their order. */
  readonly requests: readonly RtuRequest[];
  /** Whether the last of them is the last that was heard: its master waits now. */
  readonly endsWithRequest: boolean;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < BITS; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1;
  return crc;
});

export function crc16(bytes: Buffer): number {
  let crc = CRC_PRESET;
  for (const byte of bytes) crc = (crc >>> BITS) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

export function isIntact(frame: Buffer): boolean {
  if (frame.length < MIN_LENGTH || frame.length > MAX_FRAME_LENGTH) return false;
  const end = frame.length - CRC_LENGTH;
  return crc16(frame.subarray(0, end)) === frame.readUInt16LE(end);
}

export function rtuFrame(unitId: number, pdu: Buffer): Buffer {
  const frame = Buffer.alloc(1 + pdu.length + CRC_LENGTH);
  frame.writeUInt8(unitId, 0);
  pdu.copy(frame, 1);
  frame.writeUInt16LE(crc16(frame.subarray(0, 1 + pdu.length)), 1 + pdu.length);
  return frame;
}

/**
 * All requests in `heard` to a unit that `isOurs` and to all units, in their order. A frame that is intact as a whole is
 * taken as it is, whatever its function; among other bytes only one whose length is what its function says. Frames between
 * a master and other units are passed over as a whole, so that nothing in them is taken for a frame.
 */
export function findRequests(heard: Buffer, isOurs: (unitId: number) => boolean): Heard {
  if (isIntact(heard)) return { requests: [requestOf(heard)], endsWithRequest: true };
  const requests: RtuRequest[] = [];
  let end = 0;
  let start = 0;
  while (start <= heard.length - MIN_LENGTH) {
    const rest = heard.subarray(start);
    const unitId = rest.readUInt8(0);
    const isForUs = isOurs(unitId) || unitId === BROADCAST;
    const lengths = isForUs ? [requestLength(rest)] : [requestLength(rest), responseLength(rest)];
    const length = lengths.find((each) => each !== undefined && isIntact(rest.subarray(0, each)));
    start += length ?? 1;
    if (length === undefined || !isForUs) continue;
    requests.push(requestOf(rest.subarray(0, length)));
    end = start;
  }
  return { requests, endsWithRequest: requests.length > 0 && end === heard.length };
}

function requestOf(frame: Buffer): RtuRequest {
  return { unitId: frame.readUInt8(0), pdu: frame.subarray(1, frame.length - CRC_LENGTH) };
}

/** undefined: a function that is answered with an exception, or too few bytes to tell. */
function requestLength(frame: Buffer): number | undefined {
  const functionCode = frame.readUInt8(1);
  if (functionCode >= 1 && functionCode <= 6) return within(frame, 8);
  if (functionCode !== 15 && functionCode !== 16) return undefined;
  return frame.length > 6 ? within(frame, 9 + frame.readUInt8(6)) : undefined;
}

/** Of what another unit answers; the same functions. */
function responseLength(frame: Buffer): number | undefined {
  const functionCode = frame.readUInt8(1);
  if (functionCode >= EXCEPTION) return within(frame, 5);
  if (functionCode >= 1 && functionCode <= 4) return within(frame, 5 + frame.readUInt8(2));
  return [5, 6, 15, 16].includes(functionCode) ? within(frame, 8) : undefined;
}

function within(frame: Buffer, length: number): number | undefined {
  return length <= frame.length ? length : undefined;
}
