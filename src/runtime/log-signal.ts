/**
 * Turns lines of the journal into events that cost little: whatever is written within 100 ms is told once, as the names of
 * the plugins it was about. Nobody is told a line here; whoever wants them reads the journal.
 */
import type { LogLine } from '../readings/log-lines';

/** A guest may print fifty lines at once; a page needs to know that there is something new, not how often. */
const GATHER_MS = 100;

export class LogSignal {
  readonly #about = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `plugins`: "" stands for the runtime itself. */
  constructor(readonly tell: (plugins: readonly string[]) => void) {}

  heard({ plugin = '' }: LogLine): void {
    if (this.#closed) return;
    this.#about.add(plugin);
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = undefined;
    const plugins = [...this.#about];
    this.#about.clear();
    this.tell(plugins);
  }
}
