/**
 * Every node's own way to every member: a proxy for each pair, so that who publishes and follows on a node is cut off with
 * it. Goes beside partitions of the members, of whatever kind, which cut the same pairs.
 */
import { CLIENT_PORT } from './etcd-cluster';
import { OPEN, STALLED } from './link-condition';
import { LinkProxy } from './link-proxy';
import type { Partitions } from './partitions';
import type { Place } from './places';

export class ClientLinks implements Partitions {
  readonly kind;
  readonly #proxies = new Map<string, LinkProxy>();

  private constructor(private readonly members: Partitions) {
    this.kind = members.kind;
  }

  /** `names`: of nodes and members, which live together, in their order. */
  static async open(place: Place, names: readonly string[], members: Partitions, seed: number): Promise<ClientLinks> {
    const links = new ClientLinks(members);
    for (const node of names) {
      for (const [i, member] of names.entries()) {
        const target = { host: place.address(i + 1), port: CLIENT_PORT };
        const proxy = await LinkProxy.open({ listen: { host: '127.0.0.1', port: 0 }, target, seed: seed + i });
        links.#proxies.set(key(node, member), proxy);
      }
    }
    return links;
  }

  /** Its own member first. */
  urlsOf(node: string): readonly string[] {
    const of = [...this.#proxies].filter(([name]) => name.startsWith(`${node}>`));
    const own = of.filter(([name]) => name === key(node, node));
    return [...new Set([...own, ...of].map(([, proxy]) => proxy.url))];
  }

  async cut(from: string, to: string): Promise<void> {
    await this.members.cut(from, to);
    this.#proxies.get(key(from, to))?.setAll(STALLED);
  }

  /** Of a node alone: its member goes on. */
  cutOff(node: string): void {
    for (const [name, proxy] of this.#proxies) if (name.startsWith(`${node}>`)) proxy.setAll(STALLED);
  }

  /** Another server responds where this node, or every node, expects that member; with this to each request. */
  impersonate(member: string, answer: string, node?: string): void {
    for (const [name, proxy] of this.#proxies) {
      const [from, to] = name.split('>');
      if (to === member && (node ?? from) === from) proxy.impersonate(answer);
    }
  }

  async heal(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.impersonate(undefined);
    for (const proxy of this.#proxies.values()) proxy.setAll(OPEN);
    await this.members.heal();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }
}

function key(node: string, member: string): string {
  return `${node}>${member}`;
}
