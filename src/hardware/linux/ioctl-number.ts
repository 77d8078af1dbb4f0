/**
 * Numbers of ioctls as asm-generic/ioctl.h makes them: direction (2 bits), size of the argument (14), type (8), number
 * (8). The same on x64, arm and arm64.
 */
const NONE = 0;
const WRITE = 1;
const READ = 2;

/** Says nothing of its argument; older drivers number all their ioctls so. */
export function io(type: number, number: number): number {
  return encode(NONE, type, number, 0);
}

/** The program's structure goes to the kernel. */
export function iow(type: number, number: number, size: number): number {
  return encode(WRITE, type, number, size);
}

/** The kernel fills the program's structure. */
export function ior(type: number, number: number, size: number): number {
  return encode(READ, type, number, size);
}

export function iowr(type: number, number: number, size: number): number {
  return encode(WRITE | READ, type, number, size);
}

function encode(direction: number, type: number, number: number, size: number): number {
  return ((direction << 30) | (size << 16) | (type << 8) | number) >>> 0;
}
