/**
 * One real etcd process, with the settings that the product writes for a Pi (cluster-setup/member-settings.ts). Ends with
 * whoever started it, even if that one is killed. Its log goes on over restarts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { architectureVariables, etcdEnvironment, type MemberSettings } from '../../src/cluster-setup/member-settings';
import { until } from '../support/until';
import { type Status, statusOf } from './etcd-calls';
import type { Place } from './places';

const START_LIMIT_MS = 20_000;
/** It hands its leadership over at once; from 3.5 on it then waits 10 s for the streams of its clients, which is for nothing. */
const STOP_LIMIT_MS = 2_000;
const SHOWN_LINES = 40;

export interface MemberPlace {
  readonly place: Place;
  /** From 1. */
  readonly n: number;
  readonly folder: string;
}

export class EtcdMember {
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly logFile: string;
  #child: ChildProcess | undefined;
  #isFrozen = false;

  constructor(
    private readonly where: MemberPlace,
    private readonly settings: MemberSettings,
    private readonly program: string,
    private readonly extra: NodeJS.ProcessEnv = {},
  ) {
    this.name = settings.name;
    this.clientUrl = settings.advertiseClientUrl;
    this.peerUrl = settings.advertisePeerUrl;
    this.logFile = join(where.folder, `${settings.name}.log`);
  }

  get dataDir(): string {
    return this.settings.dataDir;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** A response that a frozen member sent before it was frozen may still arrive, so it is not asked. */
  get responsive(): boolean {
    return this.running && !this.#isFrozen;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} does not run`);
    return this.#child.pid;
  }

  /** Returns at once; `answers` waits. */
  start(etcd = this.program): void {
    if (this.running) throw new Error(`${this.name} runs already`);
    const { place, n } = this.where;
    const { program, args } = place.command(n, 'setpriv', ['--pdeathsig', 'KILL', '--', etcd]);
    const log = openSync(this.logFile, 'a');
    const env = {
      PATH: process.env['PATH'],
      ...Object.fromEntries([...architectureVariables(process.arch), ...etcdEnvironment(this.settings)]),
      ...this.extra,
    };
    this.#child = spawn(program, args, { stdio: ['ignore', log, log], env });
    this.#isFrozen = false;
    closeSync(log);
  }

  /** Waits until it tells its status, which one without a leader does as well. */
  async answers(limitMs = START_LIMIT_MS): Promise<Status> {
    const statusWhileItRuns = async () => {
      const status = await statusOf(this.clientUrl, 1_000).catch(() => undefined);
      if (status === undefined && !this.running) throw new Error(`${this.name} ended:\n${this.lastLines()}`);
      return status;
    };
    return until(statusWhileItRuns, () => `an answer of ${this.name}:\n${this.lastLines()}`, limitMs);
  }

  /** As when the power fails: without a word to anybody. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** As systemd stops it: it hands the leadership over first. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** It neither answers nor hangs up, until it is thawed. */
  freeze(): void {
    this.#isFrozen = true;
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
    this.#isFrozen = false;
  }

  /** Its card is lost: what it comes back with is empty. */
  wipe(): void {
    if (this.running) throw new Error(`${this.name} still runs`);
    rmSync(this.settings.dataDir, { recursive: true, force: true });
  }

  lastLines(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    if (signal === 'SIGTERM') child.kill('SIGCONT');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  }
}
