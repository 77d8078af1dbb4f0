/**
 * WASI 0.2 for a guest, deny by default: no argument, no variable, no file, no socket, no input, no terminal. Time in
 * whole milliseconds, randomness, and two output streams that end in the log are all there is. Keyed without version:
 * whichever 0.2.x a component asks for, it gets this.
 */

import { randomFillSync } from 'node:crypto';
import { FIXED } from '../../errors/format-limit';
import { deniedInterfaces } from './denied';
import { InputStream, IoError, OutputStream, Pollable, poll } from './io';
import { OutputLines } from './output-lines';
import { GuestExit } from './wasi-error';

const NS_PER_MS = 1_000_000n;
const MS_PER_S = 1_000;
/** Python asks for 24 bytes; a key or a nonce for 32. Nobody needs more at a time. */
const MAX_RANDOM_BYTES = 65_536n;

class TerminalInput {}
class TerminalOutput {}

export function wasiImports(lines: OutputLines): Readonly<Record<string, object>> {
  const stdout = OutputStream.to(lines, 'stdout');
  const stderr = OutputStream.to(lines, 'stderr');
  return {
    ...deniedInterfaces,
    'wasi:cli/environment': { getArguments: () => [], getEnvironment: () => [], initialCwd: () => undefined },
    'wasi:cli/exit': {
      exit: (result: { tag: 'ok' | 'err' }) => {
        throw new GuestExit(result.tag === 'ok' ? 0 : 1);
      },
      exitWithCode: (status: number) => {
        throw new GuestExit(status);
      },
    },
    'wasi:cli/stdin': { getStdin: () => new InputStream() },
    'wasi:cli/stdout': { getStdout: () => stdout },
    'wasi:cli/stderr': { getStderr: () => stderr },
    'wasi:cli/terminal-input': { TerminalInput },
    'wasi:cli/terminal-output': { TerminalOutput },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
    'wasi:clocks/monotonic-clock': {
      now: monotonicNs,
      resolution: () => NS_PER_MS,
      subscribeInstant: (atNs: bigint) => new Pollable(Number(atNs / NS_PER_MS)),
      subscribeDuration: (ns: bigint) => new Pollable(performance.now() + Number(ns / NS_PER_MS)),
    },
    'wasi:clocks/wall-clock': { now: wallClock, resolution: () => ({ seconds: 0n, nanoseconds: Number(NS_PER_MS) }) },
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': { Pollable, poll },
    'wasi:io/streams': { InputStream, OutputStream },
    'wasi:random/random': { getRandomBytes: randomBytes, getRandomU64: randomU64 },
    'wasi:random/insecure': { getInsecureRandomBytes: randomBytes, getInsecureRandomU64: randomU64 },
    'wasi:random/insecure-seed': { insecureSeed: () => [randomU64(), randomU64()] },
  };
}

/** Every WASI interface a guest may import, without version; any other is refused at load. */
export const WASI_INTERFACES: ReadonlySet<string> = new Set(Object.keys(wasiImports(new OutputLines(() => undefined))));

function monotonicNs(): bigint {
  return BigInt(Math.floor(performance.now())) * NS_PER_MS;
}

function wallClock(): { seconds: bigint; nanoseconds: number } {
  const now = Date.now();
  return { seconds: BigInt(Math.floor(now / MS_PER_S)), nanoseconds: (now % MS_PER_S) * Number(NS_PER_MS) };
}

function randomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM_BYTES)
    throw new Error(`it asked for ${length} random bytes; at most ${MAX_RANDOM_BYTES} are given at a time ${FIXED}`);
  return randomFillSync(new Uint8Array(Number(length)));
}

function randomU64(): bigint {
  return randomFillSync(new BigUint64Array(1))[0] ?? 0n;
}
