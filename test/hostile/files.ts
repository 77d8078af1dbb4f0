/** Files that claim to be components, put in place without passing through this thread's memory where they are large. */
import { mkdir, open, readFile, symlink } from 'node:fs/promises';
import { u32Leb } from '../../src/wasm/byte-reader';
import type { HostileFile } from './attacked-host';
import { harmless } from './wat';

const COMPONENT_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** A component's header and these bytes. */
export function component(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from([...COMPONENT_HEADER, ...bytes]);
}

const COMPONENT_SECTION = 4;

/** Components, each in the next; the text format knows an end of it. */
export function nested(levels: number): Uint8Array {
  let bytes = component();
  for (let level = 0; level < levels; level += 1)
    bytes = component(COMPONENT_SECTION, ...u32Leb(bytes.length), ...bytes);
  return bytes;
}

/** Mostly a hole: it takes no room on the disk. */
export function hole(length: number, start: Uint8Array = new Uint8Array()): HostileFile {
  return async (path) => {
    const file = await open(path, 'w');
    try {
      await file.write(start);
      await file.truncate(length);
    } finally {
      await file.close();
    }
  };
}

export function linkTo(target: string): HostileFile {
  return (path) => symlink(target, path);
}

export const folder: HostileFile = async (path) => {
  await mkdir(path);
};

/** The first part of a whole component of Python. */
export async function firstPartOf(path: string, share: number): Promise<Uint8Array> {
  const bytes = await readFile(path);
  return new Uint8Array(bytes.subarray(0, Math.floor(bytes.length * share)));
}

/** A sound component whose header says something else. */
export async function withHeader(header: readonly number[]): Promise<Uint8Array> {
  const bytes = await harmless();
  bytes.set(header);
  return bytes;
}
