/** From what a command was told to the files it writes. */
import { clientUrl, peerUrl } from './addresses';
import type { Access, Target } from './command-line';
import { architectureVariables, etcdEnvironment, type MemberSettings } from './member-settings';
import { DATA_FOLDER, type SetupFile, setupFiles } from './setup-files';

/** A cluster is told from another on the same network by more than its members' addresses. */
const TOKEN = 'edge-wasi';

export function plannedFiles(
  target: Target,
  tls: Access['tls'],
  around: Pick<MemberSettings, 'initialCluster' | 'initialState'> & { readonly arch: string },
): readonly SetupFile[] {
  const { name, address, role } = target;
  const settings: MemberSettings = {
    name,
    isLearner: role === 'learner',
    dataDir: DATA_FOLDER,
    listenPeerUrl: peerUrl(address, tls !== undefined),
    advertisePeerUrl: peerUrl(address, tls !== undefined),
    listenClientUrls: [clientUrl(address, tls !== undefined)],
    advertiseClientUrl: clientUrl(address, tls !== undefined),
    initialCluster: around.initialCluster,
    initialState: around.initialState,
    token: TOKEN,
    tls,
  };
  const environment = [...etcdEnvironment(settings), ...architectureVariables(around.arch), ...QUIET];
  return setupFiles(role, new Map(environment));
}

/** Every line of the journal is a write to the card. */
const QUIET: readonly [string, string][] = [
  ['ETCD_LOGGER', 'zap'],
  ['ETCD_LOG_LEVEL', 'warn'],
];

/** For host.toml; its own member first. */
export function hostTomlLines({ name, role }: Target, urls: readonly string[], tls: Access['tls']): readonly string[] {
  return [
    '[cluster]',
    'enabled = true',
    `node_id = "${name}"`,
    `endpoints = [${urls.map((url) => `"${url}"`).join(', ')}]`,
    `role = "${role}"`,
    ...(tls ? [`tls = { ca = "${tls.ca}", cert = "${tls.cert}", key = "${tls.key}" }`] : []),
  ];
}
