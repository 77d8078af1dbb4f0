/**
 * Sends an answer: with its length, to HEAD without its body, and with 304 to a browser that still holds it. A long one goes
 * out chunk by chunk, as fast as it is read, and Node-RED's loop goes round between chunks. Bounded: so many long answers at
 * once, and one whose reader has stopped reading is ended.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { conditional } from '../../src/dashboard/conditional';
import { type BinaryAnswer, type DataAnswer, jsonAnswer, type StreamedAnswer } from '../../src/dashboard/http-answer';
import { LoopBreaks } from '../../src/readings/loop-breaks';

/** Some people and a script; each keeps one chunk in memory. */
const MAX_LONG_ANSWERS = 8;
/** Longer than a tablet on poor WLAN is away. */
const STALLED_MS = 30_000;
const RETRY_AFTER_S = 5;
/** How it shows that a reader hung up. */
const GONE: ReadonlySet<unknown> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

export class AnswerSender {
  #long = 0;

  constructor(readonly stalledMs = STALLED_MS) {}

  /** Rejects with what went wrong while a long answer was made; a reader that went away is no error. */
  async send(request: IncomingMessage, response: ServerResponse, whole: DataAnswer | BinaryAnswer): Promise<void> {
    // A middleware with a time limit may have answered by now, or who asked may have hung up.
    if (response.headersSent || response.destroyed) return;
    const answer = conditional(whole, request.headers['if-none-match']);
    if (!('chunks' in answer)) {
      const length = answer.status === 304 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) };
      response.writeHead(answer.status, { ...answer.headers, ...length }).end(answer.body);
    } else if (request.method === 'HEAD') response.writeHead(answer.status, answer.headers).end();
    else if (this.#long >= MAX_LONG_ANSWERS) {
      const busy = jsonAnswer(503, { error: `${MAX_LONG_ANSWERS} others are reading this: try again soon.` });
      response.writeHead(busy.status, { ...busy.headers, 'Retry-After': RETRY_AFTER_S }).end(busy.body);
    } else await this.#stream(response, answer);
  }

  async #stream(response: ServerResponse, { status, headers, chunks }: StreamedAnswer): Promise<void> {
    this.#long += 1;
    try {
      response.setTimeout(this.stalledMs, () => response.destroy());
      response.writeHead(status, headers);
      await pipeline(Readable.from(paced(chunks)), response);
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      this.#long -= 1;
    }
  }
}

async function* paced(chunks: Iterable<string>): AsyncGenerator<string> {
  const breaks = new LoopBreaks();
  for (const chunk of chunks) {
    if (chunk !== '') yield chunk;
    await breaks.pause();
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && GONE.has(error.code);
}
