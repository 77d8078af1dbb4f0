/**
 * Measured process: round trips, one at a time. A poll is `api.poll`, which a node waits for, with the check of the
 * plugin's file but without a line in Node-RED's log. "Through the node" is the time from a message's arrival at a
 * plugin-poll node until that node is done with it, with its two changes of status.
 */
import { timeEcho } from './echo.mjs';
import { spread } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { flow, openNodeRed, PLUGINS, whenReady } from './node-red.mjs';
import { timeRoundTrips } from './round-trips.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const LED_WRITES = 300;
const US_PER_MS = 1_000;
/** The strip is written only when it differs: a second pi_monitor finds the same processor too hot, on the same LED. */
const CONFIG = `
[logging]
show_sensor_data = false
[plugins.counter]
[plugins.pi_monitor]
led = 0
[plugins.hot_monitor]
led = 0
[plugins.hot_monitor.grants]
fan = true
buzzer = true
system_info = true
[plugins.hot_monitor.settings]
fan_on_c = 60
fan_off_c = 50
cpu_warn_c = 1
cpu_alarm_c = 2
`;

await measured(async ({ userDir, guestsDir }) => {
  const nodeRed = await openNodeRed(userDir);
  const node = { id: 'poll', type: 'plugin-poll', plugin: 'counter', every: '', emit: 'readings' };
  const api = await nodeRed.deploy(flow({ configText: CONFIG, pluginDir: guestsDir }, [node]));
  await whenReady(api, [...PLUGINS, 'counter', 'hot_monitor']);
  const figures = {
    echo: await timeEcho(),
    counter: await timeRoundTrips(() => api.poll('counter')),
    throughNode: await timeRoundTrips(() => throughNode(nodeRed, 'poll')),
    piMonitor: await timeRoundTrips(() => api.poll('pi_monitor')),
    ledSync: await timeLedWrites(api),
  };
  // The probe's timer would wake the loop in the middle of a round trip: stalls are measured after the times.
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  await timeRoundTrips(() => api.poll('pi_monitor'));
  const stall = probe.take();
  probe.close();
  await nodeRed.close();
  return { ...figures, stall, idle };
});

async function timeLedWrites(api) {
  const times = [];
  for (let write = 0; write < LED_WRITES; write += 1) {
    await api.poll(write % 2 === 0 ? 'pi_monitor' : 'hot_monitor');
    const startedAt = performance.now();
    const { changed } = await api.syncLeds();
    if (!changed) throw new Error(`the LED strip was not written after poll ${write + 1}`);
    times.push((performance.now() - startedAt) * US_PER_MS);
  }
  return spread(times);
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
