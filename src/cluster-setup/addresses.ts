/** etcd's two ports (IANA: etcd-client, etcd-server), and URLs of members at them. */
import { isIPv6 } from 'node:net';

export const CLIENT_PORT = 2379;
export const PEER_PORT = 2380;

export function clientUrl(address: string, isTls: boolean): string {
  return url(address, CLIENT_PORT, isTls);
}

export function peerUrl(address: string, isTls: boolean): string {
  return url(address, PEER_PORT, isTls);
}

/** Members that these commands have set up have both ports at one address. */
export function clientUrlOfPeer(peer: string): string {
  const url = new URL(peer);
  url.port = String(CLIENT_PORT);
  return url.origin;
}

function url(address: string, port: number, isTls: boolean): string {
  return `${isTls ? 'https' : 'http'}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
