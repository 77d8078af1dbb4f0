/**
 * Modbus RTU as a server ("slave") on a line that others share: it listens to everything, answers requests to its own
 * units and is silent otherwise (Modbus over Serial Line V1.02, 2.2 and 2.4.2): to other units, to frames whose CRC is
 * wrong, and to broadcasts (unit 0), whose writes it carries out. What it has heard is bounded by two frames.
 */
import { BROADCAST, findRequests, MAX_FRAME_LENGTH, rtuFrame } from './rtu-frame';
import type { SerialLine } from './serial-line';

/** undefined: no unit of ours. `broadcast` is unit 0. */
export type AnswerRtu = (unitId: number, pdu: Buffer) => Buffer | undefined;

/** Returns how to call it off. */
export type After = (ms: number, run: () => void) => () => void;

const afterMs: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Start, eight bits, parity and stop; V1.02, 2.5.1. */
const BITS_PER_CHARACTER = 11;
/** V1.02, 2.5.1.1: between frames; above 19 200 baud fixed at 1.75 ms. */
const SILENT_CHARACTERS = 3.5;
const FAST_BAUD = 19_200;
const FAST_SILENCE_MS = 1.75;
const MS_PER_SECOND = 1_000;
/** USB adapters hold bytes back for up to 16 ms, and the loop may be late: so long a frame may pause in the middle. */
const PAUSE_IN_FRAME_MS = 30;
const MAX_HEARD = 2 * MAX_FRAME_LENGTH;
const NOTHING = Buffer.alloc(0);

export function silenceMs(baudRate: number): number {
  if (baudRate > FAST_BAUD) return FAST_SILENCE_MS;
  return (SILENT_CHARACTERS * BITS_PER_CHARACTER * MS_PER_SECOND) / baudRate;
}

export class RtuServer {
  #heard: Buffer = NOTHING;
  #callOff: () => void = () => undefined;
  readonly #silenceMs: number;

  constructor(
    readonly line: Pick<SerialLine, 'write'>,
    baudRate: number,
    readonly isOurs: (unitId: number) => boolean,
    readonly answer: AnswerRtu,
    readonly after: After = afterMs,
  ) {
    this.#silenceMs = Math.ceil(silenceMs(baudRate));
  }

  onBytes(bytes: Buffer): void {
    this.#callOff();
    // The newest bytes count: the master waits for the answer to the last request.
    const heard = Buffer.concat([this.#heard, bytes.subarray(-MAX_HEARD)]);
    this.#heard = heard.subarray(Math.max(0, heard.length - MAX_HEARD));
    const { endsWithRequest } = findRequests(this.#heard, this.isOurs);
    const wait = endsWithRequest ? this.#silenceMs : this.#silenceMs + PAUSE_IN_FRAME_MS;
    this.#callOff = this.after(wait, () => this.#onSilence());
  }

  close(): void {
    this.#callOff();
    this.#heard = NOTHING;
  }

  #onSilence(): void {
    const { requests } = findRequests(this.#heard, this.isOurs);
    this.#heard = NOTHING;
    for (const { unitId, pdu } of requests) {
      const answer = this.answer(unitId, pdu);
      if (answer !== undefined && unitId !== BROADCAST) this.line.write(rtuFrame(unitId, answer));
    }
  }
}
