/** What /metrics and /api/health tell of the cluster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { healthAnswer } from '../../src/dashboard/api';
import { clusterHealth } from '../../src/dashboard/cluster-metrics';
import { NO_CLUSTER, PLAIN_CLUSTER } from './plain-cluster';
import { pluginOf } from './plugin-of';
import { metricsAnswer } from './whole';

const RUNTIME = { version: '1.2.3', node: 'hub', hardware: { kind: 'simulated', because: 'tested so' } } as const;
const samples = (cluster: typeof PLAIN_CLUSTER) =>
  metricsAnswer({ readings: [], plugins: [], runtime: RUNTIME, cluster })
    .body.split('\n')
    .filter((line) => line.startsWith('wasi_cluster_'));

describe('the metrics of a cluster', () => {
  it('are who is connected and leads, who is well, what waits and is lost, and whose clock is off', () => {
    assert.deepEqual(samples(PLAIN_CLUSTER), [
      'wasi_cluster_connected 1',
      'wasi_cluster_leading 1',
      'wasi_cluster_members{healthy="true"} 2',
      'wasi_cluster_members{healthy="false"} 1',
      'wasi_cluster_readings_waiting 3',
      'wasi_cluster_readings_dropped_total 7',
      'wasi_cluster_readings_missed_total 12',
      'wasi_cluster_clock_skew_seconds{node="hub"} 0',
      'wasi_cluster_clock_skew_seconds{node="pi4"} 90.25',
    ]);
  });

  it('say that this node leads for as long as it may act, not for as long as others think so', () => {
    const late = { ...PLAIN_CLUSTER, standing: () => ({ kind: 'follower' }) as const };
    assert.ok(samples(late).includes('wasi_cluster_leading 0'));
  });

  it('are not there without one', () => assert.deepEqual(samples(NO_CLUSTER), []));
});

describe('health with a cluster', () => {
  it('has it, and stays that of the plugins where it is away', () => {
    const health = (cluster: typeof PLAIN_CLUSTER) => healthAnswer([pluginOf()], clusterHealth(cluster));
    assert.deepEqual(JSON.parse(health(PLAIN_CLUSTER).body).cluster, {
      connected: true,
      leader: 'hub',
      waiting: 3,
      dropped: 7,
      missed: 12,
    });
    const { state } = PLAIN_CLUSTER;
    const away = health({ ...PLAIN_CLUSTER, state: state && { ...state, connected: false, leader: '' } });
    assert.equal(away.status, 200);
    assert.equal(JSON.parse(away.body).cluster.connected, false);
    assert.ok(!('cluster' in JSON.parse(health(NO_CLUSTER).body)));
  });
});
