/**
 * wasi:io 0.2 for a guest that has no files and no sockets: two output streams that end in the log, an input that is at
 * its end, and pollables that are only ever about time. A blocking wait blocks this guest's thread alone, and the
 * deadline of the call ends it.
 */
import type { OutputLines, OutputStreamName } from './output-lines';
import { ResultError } from './wasi-error';

/** What one write may hold; the WASI text asks for at least 4096. */
const WRITE_BUDGET_BYTES = 65_536n;
/** One sleep of the thread; a longer wait is made of several, so that a changed clock cannot strand it. */
const MAX_SLEEP_MS = 60_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class Pollable {
  readonly #readyAtMs: number;

  constructor(readyAtMs = 0) {
    this.#readyAtMs = readyAtMs;
  }

  ready(): boolean {
    return performance.now() >= this.#readyAtMs;
  }

  block(): void {
    for (let left = this.#readyAtMs - performance.now(); left > 0; left = this.#readyAtMs - performance.now()) {
      Atomics.wait(sleeper, 0, 0, Math.min(left, MAX_SLEEP_MS));
    }
  }

  get readyAtMs(): number {
    return this.#readyAtMs;
  }
}

export function poll(pollables: readonly Pollable[]): Uint32Array {
  const first = pollables.reduce<Pollable | undefined>(
    (earliest, next) => (earliest === undefined || next.readyAtMs < earliest.readyAtMs ? next : earliest),
    undefined,
  );
  if (!first) throw new Error('poll of nothing would never return');
  first.block();
  return Uint32Array.from(pollables.flatMap((pollable, i) => (pollable.ready() ? [i] : [])));
}

export class IoError {
  toDebugString(): string {
    return 'denied';
  }
}

export class InputStream {
  read(): Uint8Array {
    throw closed();
  }
  blockingRead(): Uint8Array {
    throw closed();
  }
  skip(): bigint {
    throw closed();
  }
  blockingSkip(): bigint {
    throw closed();
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}

export class OutputStream {
  static to(lines: OutputLines, name: OutputStreamName): OutputStream {
    const stream = new OutputStream();
    stream.#write = (bytes) => lines.write(name, bytes);
    return stream;
  }

  #write: (bytes: Uint8Array) => void = () => {
    throw closed();
  };

  checkWrite(): bigint {
    return WRITE_BUDGET_BYTES;
  }
  write(bytes: Uint8Array): void {
    this.#write(bytes);
  }
  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.#write(bytes);
  }
  flush(): void {}
  blockingFlush(): void {}
  writeZeroes(): void {
    throw closed();
  }
  blockingWriteZeroesAndFlush(): void {
    throw closed();
  }
  splice(): bigint {
    throw closed();
  }
  blockingSplice(): bigint {
    throw closed();
  }
  subscribe(): Pollable {
    return new Pollable();
  }
}

function closed(): ResultError {
  return new ResultError({ tag: 'closed' });
}
