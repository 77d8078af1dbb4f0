/** A history over a folder of its own, as a runtime has it from its start to its end, by a clock that the test sets. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HistoryFiles } from '../../src/readings/history-files';
import { MINUTE_MS, minuteOf } from '../../src/readings/hours';
import { MinuteHistory } from '../../src/readings/minute-history';
import { scratchFolder } from '../wasm/components';
import { readingOf } from './reading-of';
import { SetClock } from './set-clock';

const START = '2026-11-24T15:10:00Z';
export const ROOM = { node: 'pi4', plugin: 'dht22', sensorId: 'room', field: 'temperature' };

export class HistoryRun {
  readonly said: string[] = [];
  readonly history: MinuteHistory;
  readonly files: HistoryFiles;

  constructor(
    readonly dir: string,
    readonly clock: SetClock,
  ) {
    this.history = new MinuteHistory((text) => this.said.push(text), clock);
    this.files = new HistoryFiles(dir, this.history, (level, text) => this.said.push(`${level}: ${text}`));
    void this.files.open();
  }

  static async loaded(dir: string, clock: SetClock): Promise<HistoryRun> {
    const run = new HistoryRun(dir, clock);
    await run.files.loaded;
    return run;
  }

  /** One value a minute, for so many minutes. */
  poll(...temperatures: readonly number[]): void {
    for (const temperature of temperatures) {
      this.history.add([readingOf({ values: { temperature } })]);
      this.clock.pass(MINUTE_MS);
    }
  }

  values(): readonly number[] {
    const minute = minuteOf(this.clock.now());
    return [...(this.history.find(ROOM)?.points(minute - 24 * 60 + 1, minute) ?? [])].map(({ mean }) => mean);
  }
}

export function folder(test: { after(end: () => void): void }): { readonly dir: string; readonly clock: SetClock } {
  return { dir: join(scratchFolder(test), 'history'), clock: new SetClock(START) };
}

export const names = (dir: string) => (existsSync(dir) ? readdirSync(dir).sort() : []);
