/**
 * Measured process: round trips, one at a time, after a warm-up. "poll" is `api.poll`, what a node waits for, the look at
 * the plugin's file included, but without a line in Node-RED's log, whose price is that of the log; "through the node" is
 * from a message's arrival at a plugin-poll node until that node is done with it, its two changes of status included. The
 * same machine's floor is measured beside it: a message to an empty worker thread and back.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median, percentile } from './figures.mjs';
import { flow, openNodeRed, PLUGINS, whenReady } from './node-red.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const WARM_UP = 500;
const ROUNDS = 2_000;
const US_PER_MS = 1_000;
const ECHO = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => parentPort.postMessage(message));
`;
/** The strip is only written when it differs: a second pi_monitor finds the same processor too hot, on the same LED. */
const CONFIG = `
[logging]
show_sensor_data = false
[plugins.counter_v1]
[plugins.counter_v2]
[plugins.pi_monitor]
led = 0
[plugins.pi_monitor0]
led = 0
[plugins.pi_monitor0.grants]
fan = true
buzzer = true
system_info = true
[plugins.pi_monitor0.settings]
fan_on_c = 60
fan_off_c = 50
cpu_warn_c = 1
cpu_alarm_c = 2
`;

await measured(async ({ userDir, guestsDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const poll = { id: 'poll', type: 'plugin-poll', plugin: 'counter_v2', every: '', emit: 'readings' };
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir: guestsDir }, [poll]));
  await whenReady(api, [...PLUGINS, 'counter_v1', 'counter_v2', 'pi_monitor0']);
  const echo = new Worker(ECHO, { eval: true });
  const figures = {
    echo: await rounds(() => echoed(echo)),
    counter: await rounds(() => api.poll('counter_v1')),
    throughNode: await rounds(() => throughNode(nodeRed, 'poll')),
    piMonitor: await rounds(() => api.poll('pi_monitor')),
    render: await rounds(() => api.render('dashboard')),
    ledSync: await ledSyncs(api),
  };
  // By itself: its timer would wake the loop between the halves of a round trip.
  const probe = new StallProbe();
  await rounds(() => api.poll('pi_monitor'));
  const stall = probe.take();
  await echo.terminate();
  probe.close();
  await nodeRed.close();
  return { ...figures, stall };
});

async function rounds(round) {
  for (let left = WARM_UP; left > 0; left -= 1) await round();
  const times = [];
  for (let left = ROUNDS; left > 0; left -= 1) {
    const startedAt = performance.now();
    await round();
    times.push((performance.now() - startedAt) * US_PER_MS);
  }
  return summary(times);
}

function summary(times) {
  return { p50: median(times), p99: percentile(times, 0.99), count: times.length };
}

async function ledSyncs(api) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await api.poll(round % 2 === 0 ? 'pi_monitor' : 'pi_monitor0');
    const startedAt = performance.now();
    const { changed } = await api.syncLeds();
    if (changed) times.push((performance.now() - startedAt) * US_PER_MS);
  }
  if (times.length < ROUNDS) throw new Error(`the strip was written ${times.length} times, not ${ROUNDS}`);
  return summary(times);
}

async function echoed(worker) {
  const answered = once(worker, 'message');
  worker.postMessage({ kind: 'call', call: 1, instance: 'edge:plugin/sensor-logic@1.0.0', func: 'poll', args: [] });
  await answered;
}

function throughNode(nodeRed, id) {
  return new Promise((resolve, reject) => {
    nodeRed.RED.hooks.add('onComplete.bench', ({ node, error }) => {
      if (node.id !== id) return;
      nodeRed.RED.hooks.remove('onComplete.bench');
      if (error) reject(error);
      else resolve();
    });
    nodeRed.node(id).receive({ payload: 0 });
  });
}
