/**
 * A real Node-RED with the packed package, as a process of its own in a user directory of its own, driven as an editor
 * and a browser do it. Every wait has a limit and fails with the end of Node-RED's log; `stop` asks it to end, as a
 * service manager does, and throws where it does not end by itself or leaves a process behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { until } from '../support/until';
import { Comms } from './comms';
import { nodeRedUnderTest } from './node-red-under-test';
import { makeUserDirectory, type UserDirectoryOptions } from './user-directory';

export interface NodeRedOptions extends UserDirectoryOptions {
  /** Another Node.js than Node-RED's own (node-red-under-test.ts). */
  readonly program?: string;
  /** A command that runs this one, in the same process in the end, as root would start a service. */
  readonly within?: (command: readonly string[], userDir: string) => readonly [string, ...string[]];
}

export type DeploymentType = 'full' | 'nodes' | 'flows';

const REQUEST_LIMIT_MS = 60_000;
/** Node-RED gives each node 15 s to close. */
const STOP_LIMIT_MS = 25_000;
const SHOWN_LOG_CHARS = 6_000;

export class NodeRed {
  #log = '';
  #comms: Comms | undefined;
  #ended: string | undefined;

  #child: ChildProcess;

  private constructor(
    readonly url: string,
    readonly userDir: string,
    readonly program: string,
    readonly within: NodeRedOptions['within'],
  ) {
    this.#child = this.#spawn();
    // A test file that fails in the middle leaves nothing running.
    process.once('exit', this.#kill);
  }

  static async start(options: NodeRedOptions = {}): Promise<NodeRed> {
    const { program = nodeRedUnderTest().program, within } = options;
    const { userDir, url } = await makeUserDirectory(options);
    const nodeRed = new NodeRed(url, userDir, program, within);
    await nodeRed.#untilStarted();
    return nodeRed;
  }

  get child(): ChildProcess {
    return this.#child;
  }

  /** Ended as `stop` does it, and started again in the same user directory; its log begins anew. */
  async restart(): Promise<void> {
    await this.#end();
    this.#log = '';
    this.#ended = undefined;
    this.#child = this.#spawn();
    await this.#untilStarted();
  }

  #spawn(): ChildProcess {
    const plain: [string, ...string[]] = [this.program, nodeRedUnderTest().redJs, '--userDir', this.userDir];
    const [command, ...args] = this.within?.(plain, this.userDir) ?? plain;
    const child = spawn(command, args, {
      cwd: this.userDir,
      env: { PATH: process.env['PATH'], HOME: this.userDir, TMPDIR: tmpdir() },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that `stop` sees whatever it leaves behind.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString('utf8');
      });
    }
    child.on('exit', (code, signal) => {
      this.#ended = signal ?? `code ${code}`;
    });
    return child;
  }

  get log(): string {
    return this.#log;
  }

  get comms(): Comms {
    if (this.#comms === undefined) throw new Error('Node-RED has not started');
    return this.#comms;
  }

  /** Threads of the process; only where there is /proc. */
  threads(): number {
    return readdirSync(`/proc/${this.child.pid}/task`).length;
  }

  /** Resolves with what `look` finds; fails at the limit, and as soon as Node-RED has ended. */
  async until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    limitMs?: number,
  ): Promise<T> {
    const lookWhileItRuns = async () => {
      const found = await look();
      if (found === undefined || found === false) this.#checkRuns();
      return found;
    };
    try {
      return await until(lookWhileItRuns, what, limitMs);
    } catch (cause) {
      throw this.#failure(cause instanceof Error ? cause.message : what, cause);
    }
  }

  async untilStatus(node: string, status: string | RegExp): Promise<void> {
    try {
      await this.until(`status "${status}" of ${node}`, () => {
        const shown = this.comms.status(node);
        return typeof status === 'string' ? shown === status : status.test(shown);
      });
    } catch (error) {
      throw new Error(`it shows "${this.comms.status(node)}"`, { cause: error });
    }
  }

  /** The first `count` messages that debug node `node` was sent. */
  async untilDebugs(node: string, count = 1, limitMs?: number): Promise<unknown[]> {
    const enough = () => {
      const values = this.comms.debugs(node);
      return values.length >= count ? values.slice(0, count) : undefined;
    };
    return this.until(`${count} messages at debug node ${node}`, enough, limitMs);
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const send = () => fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS), ...init });
    // A connection that was idle for five seconds is closed by Node.js, perhaps just when it is used again.
    return send().catch((error: unknown) => (wasClosedWhileIdle(error) ? send() : Promise.reject(error)));
  }

  /** Waits for what is unavailable still: the page of a plugin that is being loaded. */
  async text(path: string): Promise<string> {
    const response = await this.until(`${path} is available`, async () => {
      const answer = await this.request(path);
      return answer.status === 503 ? undefined : answer;
    });
    return (await this.#succeeded(path, response)).text();
  }

  async json(path: string) {
    const headers = { Accept: 'application/json' };
    return (await this.#succeeded(path, await this.request(path, { headers }))).json();
  }

  /** Comes back when the nodes are made; Node-RED's own answer comes earlier. */
  async deploy(nodes: readonly object[], type: DeploymentType = 'full'): Promise<void> {
    const before = this.#starts();
    await this.#post('/flows', JSON.stringify({ flows: nodes }), { 'Node-RED-Deployment-Type': type });
    await this.until('the flows were started anew', () => this.#starts() > before);
  }

  /** As a click on an inject node's button. */
  async inject(node: string): Promise<void> {
    await this.#post(`/inject/${node}`, '{}', {});
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    if (this.#ended === undefined) {
      try {
        await this.#end();
      } finally {
        process.off('exit', this.#kill);
      }
    }
    await rm(this.userDir, { recursive: true, force: true });
    if (this.#ended !== 'code 0') throw this.#failure(`Node-RED ended with ${this.#ended}`);
  }

  async #end(): Promise<void> {
    this.child.kill('SIGTERM');
    try {
      await once(this.child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
      if (this.#signalGroup(0)) throw this.#failure('Node-RED left a process behind');
    } catch (cause) {
      throw this.#failure(`Node-RED did not end cleanly within ${STOP_LIMIT_MS} ms`, cause);
    } finally {
      this.#comms?.close();
      this.#kill();
    }
  }

  async #untilStarted(): Promise<void> {
    try {
      await this.until('the editor answered', async () => {
        try {
          return (await this.request('/')).ok;
        } catch {
          return false;
        }
      });
      await this.until('flows were started', () => this.#starts() > 0);
      this.#comms = await Comms.connect(this.url);
    } catch (error) {
      this.#kill();
      await rm(this.userDir, { recursive: true, force: true });
      throw error;
    }
  }

  #checkRuns(): void {
    if (this.#ended !== undefined) throw new Error(`Node-RED ended (${this.#ended})`);
  }

  #starts(): number {
    return this.#log.match(/Started (modified )?(flows|nodes)|(Flows|Nodes) sind gestartet/g)?.length ?? 0;
  }

  async #post(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const json = { 'Content-Type': 'application/json', 'Node-RED-API-Version': 'v2' };
    const response = await this.request(path, { method: 'POST', headers: { ...json, ...headers }, body });
    await (await this.#succeeded(path, response)).text();
  }

  async #succeeded(path: string, response: Response): Promise<Response> {
    if (response.ok) return response;
    throw this.#failure(`${path} was answered with ${response.status}: ${await response.text()}`);
  }

  readonly #kill = (): void => {
    this.#signalGroup('SIGKILL');
  };

  /** Whether there was a process of the group to be given the signal. */
  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    if (this.child.pid === undefined) return false;
    try {
      process.kill(-this.child.pid, signal);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
      throw error;
    }
  }

  #failure(what: string, cause?: unknown): Error {
    const options = cause === undefined ? undefined : { cause };
    return new Error(`${what}\n--- log of Node-RED ---\n${this.#log.slice(-SHOWN_LOG_CHARS)}`, options);
  }
}

function wasClosedWhileIdle(error: unknown): boolean {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return false;
  return 'code' in error.cause && error.cause.code === 'UND_ERR_SOCKET';
}
