/**
 * The links between members on the loopback: a proxy before each member's peer port, which tells by etcd's own header who
 * has connected. Of two members each dials the other; bytes of one direction therefore go forth through one proxy and back
 * through the other, and both are set. What etcd asks without that header (versions, probes) passes unless a member is
 * wholly cut off; no vote and no entry goes that way.
 */
import { memberList } from './etcd-calls';
import { type EtcdCluster, PEER_PORT } from './etcd-cluster';
import { bothWays, type LinkCondition, OPEN } from './link-condition';
import { LinkProxy } from './link-proxy';
import type { Partitions } from './partitions';
import type { Place } from './places';

const PROXY_PORT = 2390;
/** rafthttp: `X-Server-From`, the member's ID in hexadecimal (server/etcdserver/api/rafthttp/{pipeline,stream}.go). */
const HEADER = /\r\nX-Server-From: ([0-9a-f]+)\r\n/i;

export class PeerLinks implements Partitions {
  readonly kind = 'proxies';
  readonly #proxies = new Map<string, LinkProxy>();
  readonly #ids = new Map<string, string>();

  /** For `names`, the members' in their order; before the cluster is started. */
  static async open(place: Place, names: readonly string[], seed: number): Promise<PeerLinks> {
    const links = new PeerLinks();
    for (const [i, name] of names.entries()) {
      const host = place.address(i + 1);
      const options = { listen: { host, port: PROXY_PORT }, target: { host, port: PEER_PORT }, seed: seed + i };
      links.#proxies.set(name, await LinkProxy.open({ ...options, identify: (seen) => HEADER.exec(seen)?.[1] }));
    }
    return links;
  }

  advertise(_name: string, address: string): string {
    return `http://${address}:${PROXY_PORT}`;
  }

  /** Learns which ID is whose; again after members were added. */
  async learn(cluster: EtcdCluster): Promise<void> {
    const leader = await cluster.leader();
    for (const { ID, name } of await memberList(leader.clientUrl)) this.#ids.set(name, BigInt(ID).toString(16));
  }

  /** Bytes from one member to another. */
  setDirection(from: string, to: string, condition: LinkCondition): void {
    const dialled = this.#proxyOf(to);
    const dialling = this.#proxyOf(from);
    dialled.set({ ...dialled.linkOf(this.#idOf(from)), forth: condition }, this.#idOf(from));
    dialling.set({ ...dialling.linkOf(this.#idOf(to)), back: condition }, this.#idOf(to));
  }

  setBetween(one: string, other: string, condition: LinkCondition): void {
    this.setDirection(one, other, condition);
    this.setDirection(other, one, condition);
  }

  setEverywhere(condition: LinkCondition): void {
    for (const proxy of this.#proxies.values()) proxy.setAll(bothWays(condition));
  }

  async cut(from: string, to: string): Promise<void> {
    this.setDirection(from, to, { kind: 'stalled' });
  }

  async heal(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.setAll(OPEN);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  #proxyOf(name: string): LinkProxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw new Error(`no proxy before ${name}`);
    return proxy;
  }

  #idOf(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new Error(`the ID of ${name} is not known: learn() first`);
    return id;
  }
}
