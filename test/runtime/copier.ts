/**
 * A process that copies a file over another as slow media do: emptied first, then written in pieces with pauses. Run with
 * the two paths, the number of pieces and the pause in ms.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

async function copy(from: string, to: string, pieces: number, pauseMs: number): Promise<void> {
  const bytes = readFileSync(from);
  const size = Math.ceil(bytes.length / pieces);
  const file = openSync(to, 'w');
  for (let at = 0; at < bytes.length; at += size) {
    await pause(pauseMs);
    writeSync(file, bytes, at, Math.min(size, bytes.length - at));
  }
  closeSync(file);
}

const [from = '', to = '', pieces, pauseMs] = process.argv.slice(2);
void copy(from, to, Number(pieces), Number(pauseMs));
