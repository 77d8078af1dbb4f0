/**
 * One of the eight processes: started, killed, ended, as often as is wished. What it prints goes to its log, which goes on
 * over restarts. It has a process group of its own, so that Ctrl-C reaches the demonstration alone, which ends them in
 * order; on Linux it ends with the demonstration even where that one is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { hasProgram } from '../debian-packages.mjs';

const LOOK_AGAIN_MS = 50;
const SHOWN_LINES = 15;
const ENDS_WITH_US =
  process.platform === 'linux' && hasProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];

export class Program {
  #child;
  #isWanted = false;

  /** `onLoss`: it ended though nobody asked it to. */
  constructor({ name, command, env, cwd, logFile, onLoss }) {
    this.name = name;
    this.command = command;
    this.env = env;
    this.cwd = cwd;
    this.logFile = logFile;
    this.onLoss = onLoss;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** undefined where it does not run. */
  get pid() {
    return this.isRunning ? this.#child.pid : undefined;
  }

  start() {
    if (this.isRunning) return;
    const [program, ...args] = [...ENDS_WITH_US, ...this.command];
    const log = openSync(this.logFile, 'a');
    const child = spawn(program, args, {
      cwd: this.cwd,
      env: this.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#isWanted = true;
    child.on('error', (error) => console.error(`${this.name} cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (this.#isWanted && this.#child === child) this.onLoss(this, signal ?? `code ${code}`);
    });
  }

  /** Waits until `look` finds something, and fails where it ends before, or at the limit. */
  async until(look, limitMs) {
    const endsAt = Date.now() + limitMs;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (!this.isRunning) throw new Error(`${this.name} ended:\n${this.lastLines()}`);
      if (Date.now() > endsAt)
        throw new Error(`${this.name} does not answer after ${limitMs} ms:\n${this.lastLines()}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** As when the power fails. */
  kill() {
    return this.#end('SIGKILL', 0);
  }

  /** As a service manager does it: asked to end, and killed where it does not within the limit. */
  stop(limitMs) {
    return this.#end('SIGTERM', limitMs);
  }

  lastLines() {
    return `${readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')}\n(${this.logFile})`;
  }

  async #end(signal, limitMs) {
    this.#isWanted = false;
    if (!this.isRunning) return;
    const child = this.#child;
    const ended = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
    await ended;
    clearTimeout(late);
  }
}
