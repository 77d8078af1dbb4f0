/**
 * Machines as `edge-wasi cluster` finds them: each has an address of the loopback, a folder for its files, a unit of etcd,
 * and a systemd whose one deed is to start the real etcd with the file that the command wrote. Whoever opens a site closes
 * it, and all its members end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCluster } from '../../src/cluster-setup/command';
import { type Machine, type StartOutcome, thisMachine } from '../../src/cluster-setup/machine';
import { DATA_FOLDER, readEnvironment } from '../../src/cluster-setup/setup-files';
import { etcdPrograms } from '../cluster/etcd-programs';
import { loopbackPlace } from '../cluster/places';
import { until } from '../support/until';

const MEMORY = '/dev/shm';
/** The commands wait for two minutes; a test that is broken should not. */
const PATIENCE_MS = 20_000;
const START_LIMIT_MS = 15_000;
const ASK_LIMIT_MS = 1_000;

export interface Spoken {
  readonly status: number;
  readonly stdout: string;
}

export class Site {
  readonly folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'wasi-site-'));
  readonly #place = loopbackPlace();
  readonly #names: string[] = [];
  readonly #running = new Map<string, ChildProcess>();

  root(name: string): string {
    return join(this.folder, name);
  }

  address(name: string): string {
    if (!this.#names.includes(name)) this.#names.push(name);
    return this.#place.address(this.#names.indexOf(name) + 1);
  }

  url(name: string): string {
    return `http://${this.address(name)}:2379`;
  }

  /** At that machine, with what differs from an ordinary one. */
  async run(name: string, args: readonly string[], different: Partial<Machine> = {}): Promise<Spoken> {
    const root = this.root(name);
    const units = join(root, 'lib', 'systemd', 'system');
    mkdirSync(units, { recursive: true });
    writeFileSync(join(units, 'etcd.service'), '');
    const lines: string[] = [];
    const machine: Machine = {
      ...thisMachine,
      etcdVersion: async () => etcdPrograms().version,
      startEtcd: () => this.#start(name),
      ...different,
    };
    const patience = {
      limitMs: PATIENCE_MS,
      pauseMs: 100,
      pause: (ms: number) => pause(ms),
      now: () => performance.now(),
    };
    const status = await runCluster([...args, '--root', root], {
      machine,
      patience,
      say: (line) => lines.push(line),
      complain: (line) => lines.push(line),
    });
    return { status, stdout: lines.join('\n') };
  }

  init(name: string, args: readonly string[] = [], different: Partial<Machine> = {}): Promise<Spoken> {
    return this.run(name, ['init', '--name', name, '--address', this.address(name), ...args], different);
  }

  join(name: string, role: string, by: string, different: Partial<Machine> = {}): Promise<Spoken> {
    const args = ['join', '--name', name, '--address', this.address(name), '--role', role, '--cluster', this.url(by)];
    return this.run(name, args, different);
  }

  async kill(name: string): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined) return;
    this.#running.delete(name);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  wipe(name: string): void {
    rmSync(join(this.root(name), DATA_FOLDER), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.kill(name);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** As systemd would: with the file's variables, and started when etcd has found its cluster. */
  async #start(name: string): Promise<StartOutcome> {
    const root = this.root(name);
    const environment = await readEnvironment(root);
    if (!environment) return { kind: 'failed', says: 'no environment file' };
    const env = {
      ...Object.fromEntries(environment),
      ETCD_DATA_DIR: join(root, DATA_FOLDER),
      PATH: process.env['PATH'],
    };
    mkdirSync(join(root, 'var', 'lib', 'etcd'), { recursive: true });
    const log = openSync(join(root, 'etcd.log'), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', etcdPrograms().etcd], {
      env,
      stdio: ['ignore', log, log],
    });
    this.#running.set(name, child);
    const url = environment.get('ETCD_ADVERTISE_CLIENT_URLS') ?? '';
    const outcome = async (): Promise<StartOutcome | undefined> => {
      if (child.exitCode !== null) return { kind: 'failed', says: `etcd ended with ${child.exitCode}` };
      return (await isHealthy(`${url}/health`, environment)) ? { kind: 'started' } : undefined;
    };
    return until(outcome, 'etcd in its cluster', START_LIMIT_MS).catch(({ message }: Error) => {
      return { kind: 'failed', says: message };
    });
  }
}

/** Of itself and of its cluster, with its own certificate where it has one. */
function isHealthy(url: string, environment: ReadonlyMap<string, string>): Promise<boolean> {
  const [ca, cert, key] = ['TRUSTED_CA', 'CERT', 'KEY'].map((what) => {
    const file = environment.get(`ETCD_${what}_FILE`);
    return file === undefined ? undefined : readFileSync(file);
  });
  return new Promise((resolve) => {
    const ask = url.startsWith('https:') ? https.get : http.get;
    const request = ask(url, { ca, cert, key, timeout: ASK_LIMIT_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}
