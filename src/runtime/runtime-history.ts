/**
 * The history of a runtime: every reading that is stored, by the minute and over restarts, and the trend that is drawn of
 * it. Hears what is stored wherever it comes from; ends with a last write.
 */
import { HistoryFiles } from '../readings/history-files';
import { MinuteHistory } from '../readings/minute-history';
import type { Reading } from '../readings/reading';
import type { ReadingsStore } from '../readings/readings-store';
import type { Trend } from '../readings/trend';
import { trendOf } from '../readings/trend-of';
import type { Journal } from './journal';

export class RuntimeHistory {
  readonly minutes: MinuteHistory;
  readonly #readings: ReadingsStore;
  readonly #files: HistoryFiles;
  readonly #stopListening: () => void;

  constructor(readings: ReadingsStore, dir: string, journal: Journal) {
    this.minutes = new MinuteHistory((text) => journal.write('warn', text));
    this.#readings = readings;
    this.#files = new HistoryFiles(dir, this.minutes, (level, text) => journal.write(level, text));
    this.#stopListening = readings.subscribe((added) => this.minutes.add(added));
  }

  trend(reading: Reading, field: string): Trend | undefined {
    const { node, plugin, sensorId } = reading;
    const known = this.minutes.find({ node, plugin, sensorId, field });
    return trendOf(known, this.#readings.arrivals(reading, field), this.minutes.clock.now());
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#files.close();
  }
}
