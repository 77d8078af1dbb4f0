/**
 * The history of a runtime: every reading that is stored, by the minute and over restarts, and the trends that are drawn
 * of it. Hears what is stored wherever it comes from; ends with a last write.
 */
import type { StorageReport } from '../platform/storage-report';
import { HistoryFiles, WRITE_EVERY_MS } from '../readings/history-files';
import { MinuteHistory } from '../readings/minute-history';
import type { ReadingsStore } from '../readings/readings-store';
import { Trends } from '../readings/trends';
import type { Journal } from './journal';

export class RuntimeHistory {
  readonly minutes: MinuteHistory;
  readonly trends: Trends;
  readonly #files: HistoryFiles;
  #stopListening: () => void = () => undefined;

  constructor(
    readonly readings: ReadingsStore,
    dir: string,
    journal: Journal,
    /** What this node is called now. */
    readonly own: () => string,
    report: StorageReport,
  ) {
    this.minutes = new MinuteHistory((text) => journal.write('warn', text));
    this.trends = new Trends(readings, this.minutes);
    const say = (level: 'warn' | 'info', text: string) => journal.write(level, text);
    this.#files = new HistoryFiles(dir, this.minutes, say, WRITE_EVERY_MS, report);
  }

  /** Reads what was kept, in the background, and keeps what is stored from here on, until it is closed. */
  start(): void {
    void this.#files.open();
    this.#stopListening = this.readings.subscribe((added) => {
      // They are of one node.
      if (added[0]?.node === this.own()) this.minutes.add(added);
      else this.minutes.addOfOther(added);
    });
  }

  /** Without waiting for the next write. Never rejects. */
  save(): Promise<void> {
    return this.#files.save();
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#files.close();
  }
}
