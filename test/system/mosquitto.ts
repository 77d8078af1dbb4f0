/**
 * A real MQTT broker on a port of its own, and its own clients (build/mosquitto.json, scripts/mosquitto.mjs). It listens to
 * this machine alone and keeps nothing on disk: killed, it has forgotten what was retained. Whoever starts one stops it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../support/until';
import { REPOSITORY } from '../wasm/components';

interface Programs {
  readonly broker: string;
  readonly subscribe: string;
  readonly publish: string;
}

export interface Published {
  readonly topic: string;
  readonly payload: string;
  /** It was there before the subscription. */
  readonly retained: boolean;
}

const FILE = join(REPOSITORY, 'build', 'mosquitto.json');
const HOST = '127.0.0.1';
const START_LIMIT_MS = 10_000;

function look(): Programs | { readonly reason: string } {
  if (!existsSync(FILE)) return { reason: 'there is no build/mosquitto.json: run "npm test -- system"' };
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const found = look();
/** Why there is no broker here, for the tests that need one; false where there is. */
export const noBroker: string | false = 'reason' in found ? found.reason : false;

function programs(): Programs {
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

export class Mosquitto {
  #child: ChildProcess | undefined;
  readonly #subscribers: ChildProcess[] = [];

  private constructor(readonly port: number) {}

  static async start(): Promise<Mosquitto> {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (address === null || typeof address === 'string') throw new Error('no free port was given');
    const broker = new Mosquitto(address.port);
    await broker.startAgain();
    return broker;
  }

  /** On the same port. */
  async startAgain(): Promise<void> {
    const child = spawn(programs().broker, ['-p', String(this.port)], { stdio: 'ignore' });
    this.#child = child;
    const isUp = async () => {
      const answers = await this.#answers();
      if (!answers && child.exitCode !== null) throw new Error(`the broker on port ${this.port} ended at once`);
      return answers;
    };
    await until(isUp, `a broker on port ${this.port}`, START_LIMIT_MS);
  }

  /** Without a word to anybody, as when the power fails. */
  async kill(): Promise<void> {
    if (this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    this.#child = undefined;
  }

  /** It neither answers nor hangs up, as when a cable is pulled, until it is thawed. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    for (const child of this.#subscribers) child.kill('SIGKILL');
    await this.kill();
  }

  /** What is published from now on, and what was retained before, in the order it comes; ends with the broker. */
  subscribe(topic = '#'): readonly Published[] {
    const args = ['-h', HOST, '-p', String(this.port), '-t', topic, '-q', '1', '-F', '%j'];
    const child = spawn(programs().subscribe, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#subscribers.push(child);
    const messages: Published[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { topic: on, payload, retain } = JSON.parse(line);
      messages.push({ topic: on, payload, retained: retain === 1 });
    });
    return messages;
  }

  publish(topic: string, payload: string, ...more: readonly string[]): void {
    const args = ['-h', HOST, '-p', String(this.port), '-t', topic, '-m', payload, '-q', '1', ...more];
    const { status, stderr } = spawnSync(programs().publish, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`mosquitto_pub failed: ${stderr}`);
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, HOST);
      const answer = (ok: boolean) => {
        socket.destroy();
        resolve(ok);
      };
      socket.once('connect', () => answer(true)).once('error', () => answer(false));
    });
  }
}
