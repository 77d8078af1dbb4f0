/**
 * A network namespace for each member, joined by a bridge: members that run there have addresses of their own, and what is
 * cut is cut as by a cable, without a reset. A cut is a false hardware address in the sender's neighbour table, since the
 * kernel may have neither netfilter nor netem. Takes root, `ip` and a kernel with veth and bridges. Whoever opens them
 * closes them; those of a process that was killed are taken away by the next one.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Partitions } from './partitions';
import type { Place } from './places';

const run = promisify(execFile);

const PREFIX = 'wasi-';
const NAMES_FOLDER = '/run/netns';
/** 198.18.0.0/15 is for tests (RFC 2544); each set of namespaces takes a /24 of it. */
const NETWORKS = 512;
const HOST_PART = 254;
/** Locally administered, and nobody's. */
const NOBODY = '02:00:00:00:de:ad';

export class Namespaces implements Place, Partitions {
  readonly kind = 'namespaces';
  readonly #cuts: (readonly [from: number, to: number])[] = [];

  private constructor(
    private readonly names: readonly string[],
    private readonly network: string,
    private readonly bridge: string,
  ) {}

  /** Or why there can be none here. `names`: the members' in their order. */
  static async open(names: readonly string[]): Promise<Namespaces | { readonly reason: string }> {
    if (process.getuid?.() !== 0) return { reason: 'network namespaces take root' };
    try {
      sweep();
      const { network, bridge } = await newBridge();
      const namespaces = new Namespaces(names, network, bridge);
      try {
        for (let n = 1; n <= names.length; n++) await namespaces.#make(n);
      } catch (error) {
        namespaces.close();
        throw error;
      }
      return namespaces;
    } catch (error) {
      return { reason: `no network namespaces: ${error instanceof Error ? error.message.trim() : String(error)}` };
    }
  }

  address(n: number): string {
    return `${this.network}.${n}`;
  }

  command(n: number, program: string, args: readonly string[]): { program: string; args: readonly string[] } {
    return { program: 'ip', args: ['netns', 'exec', this.#namespace(n), program, ...args] };
  }

  async cut(from: string, to: string): Promise<void> {
    const [a, b] = [this.#number(from), this.#number(to)];
    this.#cuts.push([a, b]);
    await this.#inside(a, 'neigh', 'replace', this.address(b), 'lladdr', NOBODY, 'dev', 'eth0', 'nud', 'permanent');
  }

  async heal(): Promise<void> {
    for (const [a, b] of this.#cuts.splice(0)) await this.#inside(a, 'neigh', 'del', this.address(b), 'dev', 'eth0');
  }

  /** Of members that have ended. */
  close(): void {
    for (let n = 1; n <= this.names.length; n++) {
      const namespace = this.#namespace(n);
      // A namespace lasts as long as its last socket, which may wait a minute to be closed for good; the link need not.
      removeLink(this.#outer(n));
      if (existsSync(`${NAMES_FOLDER}/${namespace}`)) execFileSync('ip', ['netns', 'del', namespace]);
    }
    removeLink(this.bridge);
  }

  async #make(n: number): Promise<void> {
    const outer = this.#outer(n);
    await run('ip', ['netns', 'add', this.#namespace(n)]);
    await run('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#namespace(n)]);
    await run('ip', ['link', 'set', outer, 'master', this.bridge, 'up']);
    await this.#inside(n, 'addr', 'add', `${this.address(n)}/24`, 'dev', 'eth0');
    await this.#inside(n, 'link', 'set', 'eth0', 'up');
    await this.#inside(n, 'link', 'set', 'lo', 'up');
  }

  #outer(n: number): string {
    return `${this.bridge}n${n}`;
  }

  #namespace(n: number): string {
    return `${PREFIX}${process.pid}-${this.bridge}-${n}`;
  }

  #number(name: string): number {
    const i = this.names.indexOf(name);
    if (i < 0) throw new Error(`no namespace for ${name}`);
    return i + 1;
  }

  async #inside(n: number, ...args: string[]): Promise<void> {
    await run('ip', ['-n', this.#namespace(n), ...args]);
  }
}

/** Takes the first network that nobody has: a bridge's name says which it is, and is given once. */
async function newBridge(): Promise<{ network: string; bridge: string }> {
  let refusal: unknown;
  for (let i = 0; i < NETWORKS; i++) {
    const k = (process.pid + i) % NETWORKS;
    const bridge = `wasi${k}`;
    if (hasLink(bridge)) continue;
    const network = `198.${18 + (k >> 8)}.${k & 255}`;
    try {
      await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
    } catch (error) {
      refusal = error;
      // Taken meanwhile by another process, or refused for good.
      if (hasLink(bridge)) continue;
      throw error;
    }
    await run('ip', ['addr', 'add', `${network}.${HOST_PART}/24`, 'dev', bridge]);
    await run('ip', ['link', 'set', bridge, 'up']);
    return { network, bridge };
  }
  throw new Error(`no network of ${NETWORKS} is free`, { cause: refusal });
}

function sweep(): void {
  if (!existsSync(NAMES_FOLDER)) return;
  for (const name of readdirSync(NAMES_FOLDER)) {
    const [, pid, bridge, n] = /^wasi-(\d+)-(wasi\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || bridge === undefined || existsSync(`/proc/${pid}`)) continue;
    removeLink(`${bridge}n${n}`);
    execFileSync('ip', ['netns', 'del', name]);
    removeLink(bridge);
  }
}

function hasLink(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

function removeLink(name: string): void {
  if (hasLink(name)) execFileSync('ip', ['link', 'del', name]);
}
