/**
 * A real Prometheus on a port of its own (build/prometheus.json, scripts/prometheus.mjs) that scrapes what it is told every
 * second, and its HTTP API. It listens to this machine alone; what it stores is gone with it. Whoever starts one stops it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '../support/until';
import { REPOSITORY } from '../wasm/components';

export interface Scraped {
  readonly job: string;
  /** `http://127.0.0.1:1880`. */
  readonly url: string;
  readonly path: string;
  readonly user?: { readonly name: string; readonly password: string };
}

/** As /api/v1/query gives it. */
export interface Sampled {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Target {
  readonly job: string;
  readonly health: string;
  readonly lastError: string;
}

const FILE = join(REPOSITORY, 'build', 'prometheus.json');
const HOST = '127.0.0.1';
const WAIT_LIMIT_MS = 30_000;
const REQUEST_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 10_000;
const SHOWN_LOG_CHARS = 4_000;

function look(): { readonly program: string } | { readonly reason: string } {
  if (!existsSync(FILE)) return { reason: 'there is no build/prometheus.json: run "npm test -- system"' };
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const found = look();
/** Why there is no Prometheus here, for the tests that need one; false where there is. */
export const noPrometheus: string | false = 'reason' in found ? found.reason : false;

/** What `promtool check metrics` complains of; "" where that is nothing. */
export function promtoolComplaints(metrics: string): string {
  if ('reason' in found) throw new Error(found.reason);
  const promtool = join(dirname(found.program), 'promtool');
  try {
    return execFileSync(promtool, ['check', 'metrics'], {
      input: metrics,
      encoding: 'utf8',
      timeout: REQUEST_LIMIT_MS,
    });
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error && 'stdout' in error)) throw error;
    return `${String(error)}\n${error.stdout}\n${error.stderr}`;
  }
}

export class Prometheus {
  #log = '';

  private constructor(
    readonly url: string,
    readonly dir: string,
    readonly child: ChildProcess,
  ) {
    // A test file that fails in the middle leaves nothing running.
    process.once('exit', this.#kill);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString('utf8');
      });
    }
  }

  static async start(scraped: readonly Scraped[]): Promise<Prometheus> {
    if ('reason' in found) throw new Error(found.reason);
    const dir = mkdtempSync(join(tmpdir(), 'wasi-prometheus-'));
    const config = join(dir, 'prometheus.yml');
    writeFileSync(config, JSON.stringify(configOf(scraped)), { mode: 0o600 });
    const address = `${HOST}:${await freePort()}`;
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${dir}`, `--web.listen-address=${address}`];
    const child = spawn(found.program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const prometheus = new Prometheus(`http://${address}`, dir, child);
    await prometheus.until('it was ready', async () => (await prometheus.#get('/-/ready')) !== undefined);
    return prometheus;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const hasEnded = () => this.child.exitCode !== null || this.child.signalCode !== null;
    this.child.kill('SIGTERM');
    if (!hasEnded()) await once(this.child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) }).catch(this.#kill);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async query(expression: string): Promise<readonly Sampled[]> {
    const body: { data?: { result?: { metric: Sampled['metric']; value: [number, string] }[] } } | undefined =
      await this.#get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    return (body?.data?.result ?? []).map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async targets(): Promise<readonly Target[]> {
    const body: { data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] } } =
      await this.#get('/api/v1/targets');
    return body.data.activeTargets.map(({ labels, health, lastError }) => ({ job: labels.job, health, lastError }));
  }

  /** By name of the family, as it understood them. */
  async types(): Promise<Readonly<Record<string, string>>> {
    const body: { data: Readonly<Record<string, readonly { type: string }[]>> } = await this.#get('/api/v1/metadata');
    return Object.fromEntries(Object.entries(body.data).map(([name, [family]]) => [name, family?.type ?? '']));
  }

  /** What `look` finds, once it finds something; fails at the limit with the end of its log. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const unmet = () => `${what}\n--- log of Prometheus ---\n${this.#log.slice(-SHOWN_LOG_CHARS)}`;
    const lookWhileItRuns = async () => {
      const seen = await look();
      if ((seen === undefined || seen === false) && this.child.exitCode !== null)
        throw new Error(`it ended before ${unmet()}`);
      return seen;
    };
    return until(lookWhileItRuns, unmet, WAIT_LIMIT_MS);
  }

  /** JSON, or text that is none; undefined while it does not answer. */
  async #get(path: string) {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) }).catch(
      () => undefined,
    );
    const text = await response?.text();
    if (response?.ok !== true || text === undefined) return undefined;
    return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  }

  readonly #kill = (): void => {
    this.child.kill('SIGKILL');
  };
}

/** YAML holds JSON. */
function configOf(scraped: readonly Scraped[]): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: scraped.map(({ job, url, path, user }) => ({
      job_name: job,
      metrics_path: path,
      static_configs: [{ targets: [new URL(url).host] }],
      ...(user === undefined ? {} : { basic_auth: { username: user.name, password: user.password } }),
    })),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}
