/**
 * Measured process: calls of simulated devices, each from a guest's thread over the device thread and back, as an import
 * of a guest makes it: first of the fan's state, which takes no time itself; then of a BME680 that one guest reads while
 * another waits 2.5 s for a DHT22 whose first frame is broken, and the longest stall of this process's loop meanwhile.
 * The same BME680 reads without the DHT22 are the baseline.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { timeEcho } from './echo.mjs';
import { median, percentile } from './figures.mjs';
import { idleStall } from './idle-loop.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const src = (path) => require(join(HERE, '..', 'dist', 'src', `${path}.js`));

const { openDeviceThread } = src('hardware/device-thread');
const { parseHostConfig } = src('host-config/parse-host-config');
const { hardwareSettings } = src('runtime/hardware-settings');

const WARM_UP = 500;
const CALLS = 3_000;
/** Each takes some 200 ms: the heater and the measurement. */
const AIR_READS = 6;
const US_PER_MS = 1_000;

const config = parseHostConfig('[simulation]\ndht22_failure_rate = 1\n', 'host.toml', { hostName: 'bench' });

await measured(async () => {
  const devices = await openDeviceThread({ kind: 'simulated', because: 'bench' }, hardwareSettings(config));
  const [fan, air, room] = [caller(devices), caller(devices), caller(devices)];
  await fan.call('fanState', [], WARM_UP);
  const { tookMs } = await fan.call('fanState', [], CALLS);
  const echo = await timeEcho();
  const { bus, address } = config.sensors.bme680;
  const readAir = (times) => air.call('readBme680', [bus, address], times);
  await readAir(1);
  const alone = await readAir(AIR_READS);
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const slow = room.call('readDht22', [config.sensors.dht22.gpioPin], 1);
  const beside = await readAir(AIR_READS);
  const waited = await slow;
  const stall = probe.take();
  probe.close();
  await Promise.all([fan, air, room].map(({ end }) => end()));
  await devices.close();
  return {
    echo,
    call: { p50: percentile(tookMs, 0.5) * US_PER_MS, p99: percentile(tookMs, 0.99) * US_PER_MS },
    airAloneMs: median(alone.tookMs),
    airBesideMs: median(beside.tookMs),
    slowMs: waited.tookMs[0],
    stall,
    idle,
  };
});

function caller(devices) {
  const connection = devices.connect();
  const worker = new Worker(join(HERE, 'device-caller.cjs'), {
    workerData: { devices: connection },
    transferList: [connection.port],
  });
  return {
    call: async (method, args, times) => {
      worker.postMessage({ method, args, times });
      const [report] = await once(worker, 'message');
      return report;
    },
    end: () => worker.terminate(),
  };
}
