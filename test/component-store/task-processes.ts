/** The processes that prepare or inspect components and that this process started, so that a test can count and wait for them. */
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { until } from '../support/until';

const SCRIPT = 'component-task-main.js';

export class TaskProcesses {
  readonly #running = new Set<ChildProcess>();
  #started = 0;
  #most = 0;
  /** Called as soon as one has started, before it has read anything. */
  onStart: (child: ChildProcess) => void = () => undefined;

  constructor() {
    subscribe('child_process', (message) => {
      const { process: child } = message as { readonly process: ChildProcess };
      // The channel tells of it before it is started.
      child.once('spawn', () => this.#take(child));
    });
  }

  get started(): number {
    return this.#started;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The most that ran at a time since `forgetMost`. */
  get most(): number {
    return this.#most;
  }

  forgetMost(): void {
    this.#most = this.#running.size;
  }

  /** Resolves with the only one when there is one. */
  one(): Promise<ChildProcess> {
    return until(() => {
      const [child] = this.#running;
      return child;
    }, 'a process that prepares a component');
  }

  /** Resolves when the last of them has ended. */
  async ended(): Promise<void> {
    await until(() => this.running === 0, 'the end of the processes that prepare components');
  }

  #take(child: ChildProcess): void {
    if (!child.spawnargs.some((argument) => argument.endsWith(SCRIPT))) return;
    this.#started += 1;
    this.#running.add(child);
    this.#most = Math.max(this.#most, this.#running.size);
    child.on('exit', () => this.#running.delete(child));
    this.onStart(child);
  }
}
