/**
 * A request's function code and data to the response's, as Modbus Application Protocol V1.1b3 has it in sections 6.1 to
 * 6.12; the order of checks is that of its state diagrams: function (exception 1), quantity and value (3), address (2).
 * A request whose length is not what its function says is answered with exception 3 (section 7: "the implied length is
 * incorrect"). Pure but for the writes that the unit allows.
 */

export const EXCEPTION = {
  illegalFunction: 1,
  illegalAddress: 2,
  illegalValue: 3,
  deviceFailure: 4,
  deviceBusy: 6,
  /** Gateway target device failed to respond: there is no such unit. */
  noTarget: 0x0b,
} as const;

export type Exception = (typeof EXCEPTION)[keyof typeof EXCEPTION];

/** `busy`: more writes in a second than the flow is given. Nothing is written but with `done`. */
export type WriteOutcome = 'done' | 'illegal-address' | 'busy';

/** One unit as requests see it. Ranges may lie anywhere, also beyond 65535. */
export interface AddressedUnit {
  /** Two bytes a register, which are copied at once. Holding and input registers are the same. */
  readRegisters(address: number, quantity: number): Buffer | undefined;
  /** Coils and discrete inputs are the same. */
  readCoils(address: number, quantity: number): readonly boolean[] | undefined;
  writeRegisters(address: number, values: readonly number[]): WriteOutcome;
  writeCoils(address: number, values: readonly boolean[]): WriteOutcome;
}

const FUNCTION = {
  readCoils: 1,
  readDiscreteInputs: 2,
  readHoldingRegisters: 3,
  readInputRegisters: 4,
  writeSingleCoil: 5,
  writeSingleRegister: 6,
  writeMultipleCoils: 15,
  writeMultipleRegisters: 16,
} as const;

const EXCEPTION_BIT = 0x80;
/** Function, address, and quantity or value. */
const FIXED_LENGTH = 5;
/** The same and the number of bytes that follow. */
const LIST_HEAD_LENGTH = 6;
/** Sections 6.1, 6.3, 6.11 and 6.12: what fits a PDU of 253 bytes. */
const MAX_READ_BITS = 0x7d0;
const MAX_READ_REGISTERS = 0x7d;
const MAX_WRITE_BITS = 0x7b0;
const MAX_WRITE_REGISTERS = 0x7b;
/** Section 6.5. */
const COIL_ON = 0xff00;
const COIL_OFF = 0x0000;
const BITS = 8;
const REGISTER_BYTES = 2;

export function exceptionResponse(functionCode: number, exception: Exception): Buffer {
  return Buffer.from([functionCode | EXCEPTION_BIT, exception]);
}

/** `request`: at least the function code. */
export function answerPdu(request: Buffer, unit: AddressedUnit): Buffer {
  const functionCode = request[0] ?? 0;
  const answer = respond(functionCode, request, unit);
  return typeof answer === 'number' ? exceptionResponse(functionCode, answer) : answer;
}

function respond(functionCode: number, request: Buffer, unit: AddressedUnit): Buffer | Exception {
  switch (functionCode) {
    case FUNCTION.readCoils:
    case FUNCTION.readDiscreteInputs:
      return readBits(request, unit);
    case FUNCTION.readHoldingRegisters:
    case FUNCTION.readInputRegisters:
      return readRegisters(request, unit);
    case FUNCTION.writeSingleCoil:
      return writeCoil(request, unit);
    case FUNCTION.writeSingleRegister:
      return writeRegister(request, unit);
    case FUNCTION.writeMultipleCoils:
      return writeCoils(request, unit);
    case FUNCTION.writeMultipleRegisters:
      return writeRegisters(request, unit);
    default:
      return EXCEPTION.illegalFunction;
  }
}

function readBits(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  const range = fixedRange(request, MAX_READ_BITS);
  if (range === undefined) return EXCEPTION.illegalValue;
  const bits = unit.readCoils(range.address, range.quantity);
  if (bits === undefined) return EXCEPTION.illegalAddress;
  const bytes = Buffer.alloc(Math.ceil(bits.length / BITS));
  bits.forEach((bit, index) => {
    const at = Math.floor(index / BITS);
    if (bit) bytes[at] = (bytes[at] ?? 0) | (1 << (index % BITS));
  });
  return listResponse(request, bytes);
}

function readRegisters(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  const range = fixedRange(request, MAX_READ_REGISTERS);
  if (range === undefined) return EXCEPTION.illegalValue;
  const bytes = unit.readRegisters(range.address, range.quantity);
  return bytes === undefined ? EXCEPTION.illegalAddress : listResponse(request, bytes);
}

function writeCoil(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  if (request.length !== FIXED_LENGTH) return EXCEPTION.illegalValue;
  const value = request.readUInt16BE(3);
  if (value !== COIL_ON && value !== COIL_OFF) return EXCEPTION.illegalValue;
  return written(request, unit.writeCoils(request.readUInt16BE(1), [value === COIL_ON]));
}

function writeRegister(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  if (request.length !== FIXED_LENGTH) return EXCEPTION.illegalValue;
  return written(request, unit.writeRegisters(request.readUInt16BE(1), [request.readUInt16BE(3)]));
}

function writeCoils(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  const range = listRange(request, MAX_WRITE_BITS, (quantity) => Math.ceil(quantity / BITS));
  if (range === undefined) return EXCEPTION.illegalValue;
  const values = Array.from({ length: range.quantity }, (_, index) => {
    const byte = request[LIST_HEAD_LENGTH + Math.floor(index / BITS)] ?? 0;
    return ((byte >> (index % BITS)) & 1) === 1;
  });
  return written(request, unit.writeCoils(range.address, values));
}

function writeRegisters(request: Buffer, unit: AddressedUnit): Buffer | Exception {
  const range = listRange(request, MAX_WRITE_REGISTERS, (quantity) => quantity * REGISTER_BYTES);
  if (range === undefined) return EXCEPTION.illegalValue;
  const values = Array.from({ length: range.quantity }, (_, index) =>
    request.readUInt16BE(LIST_HEAD_LENGTH + index * REGISTER_BYTES),
  );
  return written(request, unit.writeRegisters(range.address, values));
}

interface Range {
  readonly address: number;
  readonly quantity: number;
}

function fixedRange(request: Buffer, most: number): Range | undefined {
  return request.length === FIXED_LENGTH ? rangeOf(request, most) : undefined;
}

function listRange(request: Buffer, most: number, bytesOf: (quantity: number) => number): Range | undefined {
  if (request.length < LIST_HEAD_LENGTH) return undefined;
  const range = rangeOf(request, most);
  const count = request[FIXED_LENGTH];
  if (range === undefined || count !== bytesOf(range.quantity)) return undefined;
  return request.length === LIST_HEAD_LENGTH + count ? range : undefined;
}

function rangeOf(request: Buffer, most: number): Range | undefined {
  const quantity = request.readUInt16BE(3);
  return quantity >= 1 && quantity <= most ? { address: request.readUInt16BE(1), quantity } : undefined;
}

function listResponse(request: Buffer, bytes: Buffer): Buffer {
  return Buffer.concat([request.subarray(0, 1), Buffer.from([bytes.length]), bytes]);
}

/** All four functions that write are answered with the first five bytes of their request. */
function written(request: Buffer, outcome: WriteOutcome): Buffer | Exception {
  switch (outcome) {
    case 'done':
      return Buffer.from(request.subarray(0, FIXED_LENGTH));
    case 'illegal-address':
      return EXCEPTION.illegalAddress;
    case 'busy':
      return EXCEPTION.deviceBusy;
  }
}
