/**
 * What the devices have to say by themselves, for the log: each trouble once until it changes, and once when it is over.
 * Bounded: of more subjects than there are devices nothing is said.
 */
export interface DeviceNotice {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

const MAX_SUBJECTS = 64;

export class Notices {
  readonly #say: (notice: DeviceNotice) => void;
  /** What was last said of each subject that is in trouble. */
  readonly #said = new Map<string, string>();

  constructor(say: (notice: DeviceNotice) => void) {
    this.#say = say;
  }

  trouble(subject: string, text: string): void {
    if (this.#said.get(subject) === text) return;
    if (!this.#said.has(subject) && this.#said.size >= MAX_SUBJECTS) return;
    // A bus that is missing is missing for everything on it.
    const isKnown = [...this.#said.values()].includes(text);
    this.#said.set(subject, text);
    if (!isKnown) this.#say({ level: 'warn', text });
  }

  /** Says `text` if the subject was in trouble. */
  fine(subject: string, text: string): void {
    if (this.#said.delete(subject)) this.#say({ level: 'info', text });
  }
}
