/**
 * Modbus TCP framing (Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3): transaction, protocol 0, number of
 * bytes that follow, unit, and a PDU of at most 253 bytes. What is none cannot be skipped, as nothing marks where the
 * next frame begins: the connection is to be ended. Pure.
 */

export interface TcpRequest {
  readonly kind: 'request';
  readonly transaction: number;
  readonly unitId: number;
  readonly pdu: Buffer;
  /** Of the whole frame. */
  readonly length: number;
}

export type TcpFrame = { readonly kind: 'incomplete' } | { readonly kind: 'broken' } | TcpRequest;

/** Transaction, protocol and length; the unit id is counted among what follows. */
const HEAD_LENGTH = 6;
const MAX_PDU_LENGTH = 253;
const UNIT_LENGTH = 1;

/** The frame that `bytes` begins with. */
export function nextTcpFrame(bytes: Buffer): TcpFrame {
  if (bytes.length < HEAD_LENGTH) return { kind: 'incomplete' };
  const follows = bytes.readUInt16BE(4);
  if (bytes.readUInt16BE(2) !== 0 || follows <= UNIT_LENGTH || follows > UNIT_LENGTH + MAX_PDU_LENGTH) {
    return { kind: 'broken' };
  }
  const length = HEAD_LENGTH + follows;
  if (bytes.length < length) return { kind: 'incomplete' };
  return {
    kind: 'request',
    transaction: bytes.readUInt16BE(0),
    unitId: bytes.readUInt8(HEAD_LENGTH),
    pdu: bytes.subarray(HEAD_LENGTH + UNIT_LENGTH, length),
    length,
  };
}

export function tcpResponse(transaction: number, unitId: number, pdu: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_LENGTH + UNIT_LENGTH);
  head.writeUInt16BE(transaction, 0);
  head.writeUInt16BE(UNIT_LENGTH + pdu.length, 4);
  head.writeUInt8(unitId, HEAD_LENGTH);
  return Buffer.concat([head, pdu]);
}
