/**
 * RTU framing (Modbus over Serial Line V1.02, 2.5.1): unit, PDU, and a CRC-16 whose low byte comes first. Frames are set
 * apart by silence, which a program hears only roughly: when it listens, several frames may lie in one. So the request is
 * looked for at the end of what was heard, where it stands since its master then waits. Pure.
 */

const MIN_LENGTH = 4;
export const MAX_FRAME_LENGTH = 256;
const CRC_LENGTH = 2;
/** Section 6.2.2 of V1.02: preset and the polynomial, its bits in reverse. */
const CRC_PRESET = 0xffff;
const CRC_POLYNOMIAL = 0xa001;
const BITS = 8;

export interface RtuRequest {
  readonly unitId: number;
  readonly pdu: Buffer;
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
 * The request that `heard` is, or ends with. A frame that is intact as a whole is taken as it is; behind other bytes only
 * one whose length is what its function says, to a unit that `isOurs`.
 */
export function findRequest(heard: Buffer, isOurs: (unitId: number) => boolean): RtuRequest | undefined {
  if (isIntact(heard)) return requestOf(heard);
  for (let start = Math.max(1, heard.length - MAX_FRAME_LENGTH); start <= heard.length - MIN_LENGTH; start += 1) {
    const rest = heard.subarray(start);
    if (isOurs(rest.readUInt8(0)) && rest.length === expectedLength(rest) && isIntact(rest)) return requestOf(rest);
  }
  return undefined;
}

function requestOf(frame: Buffer): RtuRequest {
  return { unitId: frame.readUInt8(0), pdu: frame.subarray(1, frame.length - CRC_LENGTH) };
}

/** Of the requests that are answered with more than an exception. */
function expectedLength(request: Buffer): number | undefined {
  const functionCode = request.readUInt8(1);
  if (functionCode >= 1 && functionCode <= 6) return 8;
  if (functionCode !== 15 && functionCode !== 16) return undefined;
  return request.length > 6 ? 9 + request.readUInt8(6) : undefined;
}
