/**
 * Work on devices whose failures are told to whoever asked, and to the log where the administrator can mend them: a device
 * that is missing or may not be opened, once until it works again. After `end` nothing is begun: RUNTIME_CLOSED.
 */
import { isAbsence, WasiError } from '../errors/wasi-error';
import type { Notices } from './notices';

/** Whether it is the administrator's to mend. */
export function isStateOfMachine(error: unknown): boolean {
  return error instanceof WasiError && isAbsence(error.code);
}

export class ToldWork {
  readonly #notices: Notices;
  #ended = false;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** `subject` as the log names it: "the LED strip". */
  async run<T>(subject: string, work: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new WasiError('RUNTIME_CLOSED', `${subject} was closed; deploy the flow again`);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      if (isStateOfMachine(error) && error instanceof Error) this.#notices.trouble(subject, error.message);
      throw error;
    }
    this.#notices.fine(subject, `${subject}: works again`);
    return result;
  }

  /** Nobody waits for the outcome but the log. */
  async look(subject: string, look: () => Promise<void>): Promise<void> {
    await this.run(subject, look).catch((error: Error) => this.#notices.trouble(subject, error.message));
  }

  /** Of what is closed, only a failure is of interest. */
  async close(subject: string, close: () => Promise<void>): Promise<void> {
    await close().catch((error: Error) => this.#notices.trouble(subject, error.message));
  }

  end(): void {
    this.#ended = true;
  }
}
