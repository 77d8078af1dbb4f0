/** Certificates that are renewed on disk while a node runs, at a member that asks for them. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../src/platform/clock';
import { NO_REPORT } from '../../src/platform/storage-report';
import { ClusterMembership } from '../../src/runtime/cluster-membership';
import { Authority, noOpenssl } from '../cluster-setup/certificates';
import { until } from '../support/until';
import { CLIENT_PORT, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { reading, storedNumbers } from './numbered-readings';
import { loopbackPlace } from './places';

const TLS_PORT = 2378;
const LONG_MS = 5_000;
const SHORT_MS = 200;

/** What waits for somebody to correct something does not wait as long. */
const impatient: Clock = {
  ...systemClock,
  wait: (ms, signal) => systemClock.wait(ms >= LONG_MS ? SHORT_MS : ms, signal),
};

describe('certificates that are renewed', { skip: noEtcd || noOpenssl }, () => {
  it('are taken over once certificate and key fit together, refused before or not, and no reading is lost', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'wasi-renewed-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const folderOf = (name: string) => {
      const path = join(folder, name);
      mkdirSync(path);
      return path;
    };
    const place = loopbackPlace();
    const address = place.address(1);
    const [authority, stranger] = [new Authority(folderOf('authority')), new Authority(folderOf('stranger'))];
    const server = authority.sign('server', address);
    const refused = stranger.sign('node', '127.0.0.1');
    const right = authority.sign('node', '127.0.0.1');
    const newer = authority.sign('newer', '127.0.0.1');
    const environment = {
      ETCD_LISTEN_CLIENT_URLS: `http://${address}:${CLIENT_PORT},https://${address}:${TLS_PORT}`,
      ETCD_CERT_FILE: server.cert,
      ETCD_KEY_FILE: server.key,
      ETCD_TRUSTED_CA_FILE: server.ca,
      ETCD_CLIENT_CERT_AUTH: 'true',
    };
    await inCluster({ voters: 1, place, environment }, async ({ urls }) => {
      const used = { cert: join(folder, 'used.pem'), key: join(folder, 'used.key') };
      copyFileSync(refused.cert, used.cert);
      copyFileSync(refused.key, used.key);
      const log: string[] = [];
      const membership = new ClusterMembership(
        {
          enabled: true,
          nodeId: 'renewed',
          role: 'voter',
          endpoints: [`https://${address}:${TLS_PORT}`],
          tls: { ca: authority.ca, ...used },
        },
        {
          outboxFolder: join(folder, 'outbox'),
          report: NO_REPORT,
          password: undefined,
          clock: impatient,
          log: (_level, text) => log.push(text),
          onReadings: () => undefined,
          onState: () => undefined,
        },
      );
      membership.start();
      let published = 0;
      const publish = () => membership.publish([reading('renewed', published++)]);
      const renewals = () => log.filter((text) => /were renewed/.test(text)).length;
      const handedOver = () =>
        until(
          () => membership.state?.connected === true && membership.counts.waiting === 0,
          () => `${JSON.stringify(membership.counts)} ${log.join('\n')}`,
        );
      publish();
      await until(() => log.some((text) => /works alone .*CLUSTER_UNAVAILABLE/.test(text)));
      copyFileSync(right.cert, used.cert);
      // Looked at some times meanwhile: they do not fit together.
      await systemClock.wait(10 * SHORT_MS);
      assert.equal(renewals(), 0);
      copyFileSync(right.key, used.key);
      await handedOver();
      assert.equal(renewals(), 1);
      copyFileSync(newer.cert, used.cert);
      copyFileSync(newer.key, used.key);
      publish();
      await until(() => renewals() === 2);
      publish();
      await handedOver();
      await membership.close();
      assert.deepEqual(await storedNumbers(urls[0] ?? '', 'renewed'), [0, 1, 2]);
    });
  });
});
