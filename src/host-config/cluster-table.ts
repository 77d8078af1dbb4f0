/**
 * [cluster]: whether this node is one of several, what it is called, and how it reaches etcd. Passwords and keys stand in
 * files of their own, never here: host.toml is shown, copied and kept in flows. Files are looked at when the cluster is
 * opened, not here.
 */
import { CLUSTER_ROLES, type ClusterRole, type HostConfig } from './host-config';
import type { TableReader } from './table-reader';

type ClusterConfig = HostConfig['cluster'];

const DEFAULT_ENDPOINTS = ['http://127.0.0.1:2379'];
const MAX_ENDPOINTS = 16;
const ABSOLUTE_PATH = {
  pattern: /^(?:\/|[A-Za-z]:[\\/]).{1,1000}$/,
  expected: 'an absolute path such as "/etc/edge-wasi/etcd-password"',
  fallback: '',
};

/** Of the original Rust host. */
const ORIGINAL_ROLES: Readonly<Record<string, ClusterRole>> = { hub: 'leader-preferred', spoke: 'voter' };

export function readCluster(table: TableReader, hostName: string): ClusterConfig {
  const enabled = table.yesOrNo('enabled', false);
  // Readings bear this name without a cluster, too.
  const nodeId = readNodeId(table, hostName);
  if (!enabled) table.unused('the cluster is not enabled');
  table.obsolete('hub_url', 'every node reads and writes etcd, whose addresses are in "endpoints"');
  table.obsolete('spoke_buzzer_url', 'send a command to the other node with a flow (docs/mqtt.md)');
  const endpoints = readEndpoints(table);
  const tls = readTls(table, endpoints);
  const login = readLogin(table);
  return {
    enabled,
    nodeId,
    endpoints,
    role: readRole(table),
    ...(tls === undefined ? {} : { tls }),
    ...(login === undefined ? {} : { login }),
  };
}

function readNodeId(table: TableReader, hostName: string): string {
  return table.text('node_id', {
    // It becomes a level of topics, where "/", "+" and "#" mean something else.
    pattern: /^[A-Za-z0-9._-]{1,64}$/,
    expected: 'a name of at most 64 letters, digits, ".", "-" and "_"',
    fallback: hostName,
  });
}

function readRole(table: TableReader): ClusterRole {
  const found = table.value('role');
  const original =
    typeof found === 'string' && Object.hasOwn(ORIGINAL_ROLES, found) ? ORIGINAL_ROLES[found] : undefined;
  return original ?? table.oneOf('role', CLUSTER_ROLES, 'voter');
}

function readEndpoints(table: TableReader): readonly string[] {
  if (!table.has('endpoints')) return DEFAULT_ENDPOINTS;
  const found = table.value('endpoints');
  const endpoints = table.list('endpoints', 'a URL such as "http://127.0.0.1:2379"', httpUrl);
  if (Array.isArray(found) && (found.length === 0 || found.length > MAX_ENDPOINTS)) {
    table.wrong('endpoints', `one to ${MAX_ENDPOINTS} URLs`, `${found.length} of them`);
  }
  if (new Set(endpoints).size < endpoints.length) table.wrong('endpoints', 'URLs that differ');
  return endpoints;
}

function readTls(table: TableReader, endpoints: readonly string[]): ClusterConfig['tls'] {
  if (!table.has('tls')) return undefined;
  const tls = table.table('tls');
  const files = Object.fromEntries(
    ['ca', 'cert', 'key'].filter((key) => tls.has(key)).map((key) => [key, tls.text(key, ABSOLUTE_PATH)]),
  );
  if (tls.has('cert') !== tls.has('key')) {
    tls.wrong(tls.has('cert') ? 'key' : 'cert', '"cert" and "key" together, the certificate of this node and its key');
  }
  const plain = endpoints.find((endpoint) => endpoint.startsWith('http:'));
  if (plain !== undefined) table.wrong('endpoints', 'https:// where [cluster] tls is given', plain);
  return files;
}

function readLogin(table: TableReader): ClusterConfig['login'] {
  const user = table.text('user', {
    pattern: /^[\x21-\x7e]{1,128}$/,
    expected: "the name of one of etcd's users",
    fallback: '',
  });
  const passwordFile = table.text('password_file', ABSOLUTE_PATH);
  if (table.has('password_file') && !table.has('user'))
    table.wrong('user', 'the user whose password "password_file" has');
  if (user === '') return undefined;
  return passwordFile === '' ? { user } : { user, passwordFile };
}

function httpUrl(found: unknown): string | undefined {
  return typeof found === 'string' && /^https?:\/\/[^\s/?#@]+\/?$/.test(found) ? found.replace(/\/$/, '') : undefined;
}
