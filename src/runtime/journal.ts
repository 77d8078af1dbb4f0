/**
 * What the runtime and its plugins have to say, once: into the ring that the dashboard shows, and to the sink (Node-RED's
 * log) from the configured level up.
 */
import type { HostConfig } from '../host-config/host-config';
import { type LogLine, LogLines } from '../readings/log-lines';
import type { Reading } from '../readings/reading';
import type { LogSink } from '../runtime-api/runtime-api';

const LEVELS: readonly LogLine['level'][] = ['error', 'warn', 'info', 'debug', 'trace'];

export class Journal {
  readonly #lines = new LogLines();
  #shown: ReadonlySet<LogLine['level']>;
  #listener: (line: LogLine) => void = () => undefined;

  constructor(
    config: HostConfig,
    readonly sink: LogSink,
  ) {
    this.#shown = shownLevels(config);
  }

  /** From now on the level of another configuration counts. */
  configure(config: HostConfig): void {
    this.#shown = shownLevels(config);
  }

  /** `hostToml`: lines of host.toml that help, to be pasted; they follow the text. */
  write(level: LogLine['level'], text: string, plugin?: string, hostToml?: string): void {
    if (!this.#shown.has(level)) return;
    const about = plugin === undefined ? {} : { plugin };
    const line = this.#lines.add({ at: Date.now(), level, text, ...about }, hostToml);
    this.sink(line);
    this.#listener(line);
  }

  /** Hears each line after the sink did; one listener, the last one given. */
  listen(listener: (line: LogLine) => void): void {
    this.#listener = listener;
  }

  lines(): readonly LogLine[] {
    return this.#lines.lines();
  }
}

function shownLevels({ logging }: HostConfig): ReadonlySet<LogLine['level']> {
  return new Set(LEVELS.slice(0, LEVELS.indexOf(logging.level) + 1));
}

/** One reading as a line of its plugin's log; a sensor that is called like its plugin goes without saying. */
export function readingText({ plugin, sensorId, values, units }: Reading): string {
  const fields = Object.keys(values).map(
    (name) => `${name} ${shown(values[name])}${units[name] ? ` ${units[name]}` : ''}`,
  );
  return `${sensorId === plugin ? '' : `${sensorId}: `}${fields.join(', ')}`;
}

function shown(value: number | string | undefined): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value);
}
