/** Every metric there is, with numbers of every kind. */
import type { MetricsParts } from '../../src/dashboard/metrics';
import type { RuntimeCounts } from '../../src/runtime-api/counters';
import type { StorageView } from '../../src/runtime-api/storage-api';
import { readingOf } from '../readings/reading-of';
import { PLAIN_CLUSTER } from './plain-cluster';
import { pluginOf } from './plugin-of';

/** `name`: of a plugin, its sensor, a field and the node. */
export function everyMetric(name: string): MetricsParts {
  const latency = { lastMs: 2.5, medianMs: 2, longestMs: 1_500 };
  const plugins = [
    pluginOf({ name, latency, memoryBytes: 17_825_792, failuresByCode: { HARDWARE_IO: 2 } }),
    pluginOf({ name: 'new' }),
  ];
  const readings = [
    readingOf({ plugin: name, sensorId: name, values: { [name]: -1e-7, large: 1e300 }, units: { large: 'm' } }),
  ];
  const hardware = { kind: 'raspberry-pi', model: 'Raspberry Pi 4 "B"' } as const;
  const deviceCalls = [{ call: 'read_dht22', calls: 9, failuresByCode: { HARDWARE_IO: 2, HARDWARE_MISSING: 1 } }];
  const counts: RuntimeCounts = {
    plugins: [name, 'new'].map((plugin) => ({
      plugin,
      calls: plugin === 'new' ? 0 : 9,
      callMs: 1_500,
      restarts: 3,
      reloads: 1,
      deviceCalls,
    })),
    leds: { writes: 4, failuresByCode: { HARDWARE_IO: 1 } },
    guestProcesses: { pids: [4711, 4712], threads: 3, ends: 1 },
    droppedSensors: [{ node: name, plugin: name, sensors: 12 }],
    gateways: [
      {
        transport: 'tcp',
        address: '[::1]:1502',
        isServing: true,
        clients: 2,
        requests: 60,
        exceptionsByCode: { 2: 5, 11: 1 },
      },
      { transport: 'rtu', address: 'auto', isServing: false, clients: 0, requests: 0, exceptionsByCode: {} },
    ],
  };
  const runtime = { version: '1.2.3', node: name, hardware };
  const lost = { since: 1, reason: 'ENOSPC', message: 'it is full' };
  const storage: StorageView = {
    status: 'failing',
    folder: '/data/wasi',
    freeBytes: 4_096,
    sizeBytes: 31_268_536_320,
    failedWrites: 3,
    secondsSinceLastWrite: 12.5,
    notKept: [
      { what: 'history', ...lost },
      { what: 'state', plugin: name, ...lost },
    ],
  };
  return { readings, plugins, runtime, counts, cluster: PLAIN_CLUSTER, storage };
}
