/** etcd of the four nodes, told what `edge-wasi cluster` tells it on a Pi; only folder and ports are others. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clientUrl, peerUrl } from './plan.mjs';
import { Program } from './program.mjs';

const require = createRequire(import.meta.url);
const product = (path) => require(`../../dist/src/${path}.js`);
const TOKEN = 'edge-wasi-demo';
const JOIN_LIMIT_MS = 60_000;
const TRY_AGAIN_MS = 500;

/** The voters found the cluster together; the learner is added to it. */
export function etcdProgram(planned, plan, { folder, etcd, onLoss }) {
  const { architectureVariables, etcdEnvironment } = product('cluster-setup/member-settings');
  const isLearner = planned.role === 'learner';
  const founders = plan.filter(({ role }) => role !== 'learner');
  const settings = {
    name: planned.node,
    dataDir: join(folder, 'etcd'),
    listenPeerUrl: peerUrl(planned),
    advertisePeerUrl: peerUrl(planned),
    listenClientUrls: [clientUrl(planned)],
    advertiseClientUrl: clientUrl(planned),
    initialCluster: new Map((isLearner ? plan : founders).map((each) => [each.node, peerUrl(each)])),
    initialState: isLearner ? 'existing' : 'new',
    isLearner,
    token: TOKEN,
    tls: undefined,
  };
  const variables = [...etcdEnvironment(settings), ...architectureVariables(process.arch)];
  return new Program({
    name: `etcd of ${planned.node}`,
    command: [etcd],
    env: { PATH: process.env.PATH, ...Object.fromEntries(variables), ETCD_LOGGER: 'zap', ETCD_LOG_LEVEL: 'warn' },
    cwd: folder,
    logFile: join(folder, 'etcd.log'),
    onLoss,
  });
}

/** What it says of itself, leader or not; undefined where it does not answer. */
export async function etcdStatus(planned) {
  const { EtcdMember } = product('cluster/etcd/member');
  const { status } = product('cluster/etcd/membership');
  const member = new EtcdMember(clientUrl(planned));
  try {
    return await status(member);
  } catch {
    return undefined;
  } finally {
    member.close();
  }
}

/** Retried, since etcd refuses while its voters have only just met. */
export async function addLearner(planned, plan) {
  const { OpenAccess } = product('cluster-setup/open-access');
  const { patiently } = product('cluster-setup/patience');
  const { passesByItself } = product('cluster-setup/etcd-refusals');
  const { addMember, members } = product('cluster/etcd/membership');
  const urls = plan.filter(({ role }) => role !== 'learner').map(clientUrl);
  const access = await OpenAccess.open({ urls, tls: undefined, login: undefined }, '/');
  const patience = { limitMs: JOIN_LIMIT_MS, pauseMs: TRY_AGAIN_MS, pause: sleep, now: () => performance.now() };
  const url = peerUrl(planned);
  try {
    await patiently(patience, passesByItself, () =>
      access.asked(async (client) => {
        // Asked again after a deadline, it may have been added already.
        const isThere = (await members(client)).some(({ peerUrls }) => peerUrls.includes(url));
        if (!isThere) await addMember(client, { peerUrls: [url], isLearner: true });
      }),
    );
  } finally {
    access.close();
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
