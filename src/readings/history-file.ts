/**
 * One file of history, an hour: written as a whole so that it survives a power failure, mode 0600, and read line by line. Neither holds Node-RED's
 * loop for more than a slice, however long the file is. Both throw what the file system says; what was not written here
 * throws an Error that says so, before anything of it is used.
 */
import { lstat, open } from 'node:fs/promises';
import { writeDurably } from '../platform/durable-file';
import type { FieldMinutes } from './field-minutes';
import { type HistoryLine, historyLines, MAX_LINE_LENGTH, parseHistoryLine } from './history-lines';
import { hourName } from './hours';
import { LoopBreaks } from './loop-breaks';

export type HistoryOfField = Extract<HistoryLine, { kind: 'field' }>;

/** All fields there may be, with the longest names and numbers. */
export const MAX_FILE_BYTES = 8 * 2 ** 20;
const CHUNK_BYTES = 64 * 2 ** 10;
const MODE = 0o600;

export async function writeHistoryFile(path: string, hour: number, fields: readonly FieldMinutes[]): Promise<void> {
  await writeDurably(path, chunksOf(historyLines(hour, fields)), { mode: MODE });
}

/** Comes back with what `signal` left time for: undefined when it was aborted. */
export async function readHistoryFile(
  path: string,
  hour: number,
  signal: AbortSignal,
): Promise<readonly HistoryOfField[] | undefined> {
  const found = await lstat(path);
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
  const fields: HistoryOfField[] = [];
  let last: HistoryLine | undefined;
  for await (const text of linesOf(path)) {
    if (signal.aborted) return undefined;
    const line = parseHistoryLine(text);
    if (line === undefined || last?.kind === 'end') throw new Error('it is damaged');
    if ((last === undefined) !== (line.kind === 'head' && line.hour === hourName(hour)))
      throw new Error('it does not begin as one of this hour');
    if (line.kind === 'field') fields.push(line);
    last = line;
  }
  if (last?.kind !== 'end' || last.fields !== fields.length) throw new Error('its end is missing');
  return fields;
}

async function* chunksOf(lines: Iterable<string>): AsyncGenerator<string> {
  const breaks = new LoopBreaks();
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    await breaks.pause();
    if (chunk.length < CHUNK_BYTES) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const breaks = new LoopBreaks();
  const file = await open(path);
  try {
    let rest = '';
    for await (const chunk of file.createReadStream({
      encoding: 'utf8',
      highWaterMark: CHUNK_BYTES,
      autoClose: false,
    })) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_LENGTH) throw new Error('it is damaged');
      for (const line of lines) {
        yield line;
        await breaks.pause();
      }
    }
    if (rest !== '') throw new Error('its end is missing');
  } finally {
    await file.close();
  }
}
