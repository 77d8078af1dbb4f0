/**
 * `npm run cluster:demo` as a newcomer runs it, on free ports and in folders that are the test's own: `HOME` and `TMPDIR` are
 * folders of their own too, so that what is left behind is seen. What the nodes show is asked of them over HTTP alone.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until';
import { REPOSITORY } from '../wasm/components';

export interface ShownReading {
  readonly node: string;
  readonly plugin: string;
  readonly sensorId: string;
  /** ms since 1970. */
  readonly timestamp: number;
}

interface DemoNode {
  readonly node: string;
  readonly role: string;
  readonly editor: string;
  readonly dashboard: string;
  readonly etcd: string;
  readonly modbusPort?: number;
  readonly pids: { readonly etcd?: number; readonly nodeRed?: number };
}

interface HistoryAnswer {
  readonly series: readonly { readonly points: readonly { readonly timestamp: number }[] }[];
}

export const NODES = ['revpi', 'pi4', 'zero-a', 'zero-b'] as const;
export type NodeName = (typeof NODES)[number];

const READY_LIMIT_MS = 90_000;
const WAIT_LIMIT_MS = 70_000;
const STOP_LIMIT_MS = 30_000;
const ASK_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 100;
/** As scripts/cache.mjs has it. */
const CACHE = process.env['EDGE_WASI_CACHE'] || process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
const SCRIPT = join(REPOSITORY, 'scripts', 'cluster-demo.mjs');

export class DemoRun {
  #log = '';
  readonly #pids = new Set<number>();
  readonly #child: ChildProcess;
  readonly #readyFile: string;

  private constructor(readonly root: string) {
    this.#readyFile = join(root, 'ready.json');
    for (const folder of ['home', 'tmp']) mkdirSync(join(root, folder));
    const args = ['--no-build', '--free-ports', '--folder', join(root, 'demo'), '--ready-file', this.#readyFile];
    this.#child = spawn(process.execPath, [SCRIPT, ...args], {
      // Where etcd was brought to stays: the demonstration tells build/etcd.json, which other tests read just then.
      env: { PATH: process.env['PATH'], HOME: join(root, 'home'), TMPDIR: join(root, 'tmp'), EDGE_WASI_CACHE: CACHE },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString('utf8');
      });
    process.once('exit', this.#killAll);
  }

  static async start(): Promise<DemoRun> {
    const run = new DemoRun(mkdtempSync(join(tmpdir(), 'wasi-demo-')));
    try {
      await run.until('the demonstration is ready', () => existsSync(run.#readyFile), READY_LIMIT_MS);
      return run;
    } catch (error) {
      run.#killAll();
      throw error;
    }
  }

  /** As on its terminal. */
  get log(): string {
    return this.#log;
  }

  of(name: NodeName): DemoNode {
    const nodes: readonly DemoNode[] = JSON.parse(readFileSync(this.#readyFile, 'utf8'));
    for (const { pids } of nodes) for (const pid of Object.values(pids)) this.#pids.add(pid);
    const found = nodes.find(({ node }) => node === name);
    assert.ok(found, `${name} is not in ${this.#readyFile}`);
    return found;
  }

  /** Typed on its terminal; comes back when it says that it is done. */
  async type(line: string, said: RegExp): Promise<void> {
    const from = this.#log.length;
    this.#child.stdin?.write(`${line}\n`);
    await this.until(`"${line}" is answered with ${said}`, () => said.test(this.#log.slice(from)));
  }

  async readings(name: NodeName): Promise<readonly ShownReading[]> {
    return JSON.parse(await this.#get(`${this.of(name).dashboard}/api/readings`));
  }

  /** When the thermometer of `of` was read, as `name` knows it; ms since 1970. */
  async history(name: NodeName, of: NodeName): Promise<readonly number[]> {
    const sensor = encodeURIComponent(`${of}/dht22/dht22`);
    const text = await this.#get(`${this.of(name).dashboard}/api/history?sensor=${sensor}&field=temperature`);
    const { series }: HistoryAnswer = JSON.parse(text);
    return series.flatMap(({ points }) => points.map(({ timestamp }) => timestamp));
  }

  /** The words of the page that it shows. */
  async page(name: NodeName): Promise<string> {
    const html = await this.#get(`${this.of(name).dashboard}/page`);
    const body = html.replace(/<(style|script)\b[\s\S]*?<\/\1>/g, ' ');
    return body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  }

  get(url: string): Promise<string> {
    return this.#get(url);
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = WAIT_LIMIT_MS): Promise<void> {
    let last = '';
    const isSoNow = async () => {
      try {
        if (await isSo()) return true;
      } catch (error) {
        // A node that has just been started, or is just being killed.
        last = String(error);
      }
      if (this.#child.exitCode !== null) throw new Error(`it ended before ${what}:\n${this.#log}`);
      // Eight programs have work to do meanwhile.
      await pause(LOOK_AGAIN_MS);
      return false;
    };
    await until(isSoNow, () => `${what} (${last})\n${this.#log}`, limitMs);
  }

  /** Ctrl-C. Gives what is left: processes that still run, and files outside its folder. */
  async stop(): Promise<{ readonly code: number | null; readonly running: number[]; readonly files: string[] }> {
    this.of('revpi');
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    this.#child.kill('SIGINT');
    const [code] = await ended;
    const running = [...this.#pids].filter(isRunning);
    const files = ['home', 'tmp'].flatMap((folder) => readdirSync(join(this.root, folder)));
    return { code, running, files };
  }

  remove(): void {
    this.#killAll();
    process.off('exit', this.#killAll);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  async #get(url: string): Promise<string> {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_LIMIT_MS) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${text.slice(0, 300)}`);
    return text;
  }

  /** Its programs end with it (setpriv), or here. */
  readonly #killAll = (): void => {
    this.#child.kill('SIGKILL');
    for (const pid of this.#pids) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
