/**
 * A serial port's settings: struct termios2 (asm-generic/termbits.h, the same on x64, arm and arm64), raw, 8 data bits, no
 * parity, one stop bit, at any speed (BOTHER), since the B… constants know only some.
 */
import { ior, iow } from './ioctl-number';

/** Four flag words, the line discipline, 19 control characters, two speeds. */
const TERMIOS2_BYTES = 44;
const TTY = 'T'.charCodeAt(0);

export const TCGETS2 = ior(TTY, 0x2a, TERMIOS2_BYTES);
export const TCSETS2 = iow(TTY, 0x2b, TERMIOS2_BYTES);
/** Throws away what waits; the argument says which direction. */
export const TCFLSH = 0x540b;
export const TCOFLUSH = 1;

const CFLAG_AT = 8;
const CONTROL_CHARACTERS_AT = 17;
const VTIME = 5;
const VMIN = 6;
const INPUT_SPEED_AT = 36;
const OUTPUT_SPEED_AT = 40;

const CS8 = 0x30;
const CREAD = 0x80;
/** The modem's lines are ignored: three wires are enough. */
const CLOCAL = 0x800;
const BOTHER = 0x1000;

/** Empty, for TCGETS2. */
export function emptyTermios(): Uint8Array {
  return new Uint8Array(TERMIOS2_BYTES);
}

/** A read gives what is there, and EAGAIN rather than nothing where none is (VMIN 1): nothing then means a hang-up. */
export function rawTermios(baudRate: number): Uint8Array {
  const bytes = new Uint8Array(TERMIOS2_BYTES);
  const fields = new DataView(bytes.buffer);
  fields.setUint32(CFLAG_AT, CS8 | CREAD | CLOCAL | BOTHER, true);
  fields.setUint8(CONTROL_CHARACTERS_AT + VTIME, 0);
  fields.setUint8(CONTROL_CHARACTERS_AT + VMIN, 1);
  fields.setUint32(INPUT_SPEED_AT, baudRate, true);
  fields.setUint32(OUTPUT_SPEED_AT, baudRate, true);
  return bytes;
}

export function outputSpeed(termios: Uint8Array): number {
  return new DataView(termios.buffer, termios.byteOffset, termios.byteLength).getUint32(OUTPUT_SPEED_AT, true);
}
