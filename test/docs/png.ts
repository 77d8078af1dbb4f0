/** What a test asks of a PNG file: its size in pixels, and the chunks that say whether it is animated. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../wasm/components';

export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

export interface Frame {
  readonly png: Buffer;
  readonly ms: number;
}

interface Apng {
  animate(frames: readonly Frame[]): Buffer;
  chunksOf(png: Buffer): Iterable<Chunk>;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

interface Sizes {
  readonly PICTURES: Readonly<Record<string, Picture>>;
  readonly MAX_BYTES: number;
  readonly MAX_SECONDS: number;
}

/** A script is a module of its own, which is not compiled. */
function script(name: string) {
  return import(pathToFileURL(join(REPOSITORY, 'scripts', 'pictures', name)).href);
}

export function loadApng(): Promise<Apng> {
  return script('apng.mjs');
}

export function loadSizes(): Promise<Sizes> {
  return script('sizes.mjs');
}

export function pixelsOf(png: Buffer): { readonly width: number; readonly height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
