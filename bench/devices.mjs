/**
 * Measured process: calls of simulated devices, each from a guest's thread over the device thread and back, as an import
 * of a guest makes it. First one of the fan's state, which takes no time itself. Then a BME680 that one guest reads while
 * another waits 2.5 s for a DHT22 whose first frame is broken, and the longest stall of this process's loop meanwhile;
 * the same reads alone are what they are compared with.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { median, percentile } from './figures.mjs';
import { StallProbe } from './stall-probe.mjs';
import { measured } from './task.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const src = (path) => require(join(HERE, '..', 'dist', 'src', `${path}.js`));

const { openDeviceThread } = src('hardware/device-thread');
const { parseHostConfig } = src('host-config/parse-host-config');
const { hardwareSettings } = src('runtime/hardware-settings');

const WARM_UP = 500;
const CALLS = 5_000;
/** Some 240 ms each: the heater's time and the measurement's. */
const AIR_READS = 8;
const US_PER_MS = 1_000;

const config = parseHostConfig('[simulation]\ndht22_failure_rate = 1\n', 'host.toml', { hostName: 'bench' });

await measured(async () => {
  const devices = await openDeviceThread({ kind: 'simulated', because: 'bench' }, hardwareSettings(config));
  const [fan, air, room] = [caller(devices), caller(devices), caller(devices)];
  await fan.call('fanState', [], WARM_UP);
  const { tookMs } = await fan.call('fanState', [], CALLS);
  const readAir = () => air.call('readBme680', [config.sensors.bme680.bus, config.sensors.bme680.address], AIR_READS);
  await readAir();
  const alone = await readAir();
  const probe = new StallProbe();
  const slow = room.call('readDht22', [config.sensors.dht22.gpioPin], 1);
  const beside = await readAir();
  const stall = probe.take();
  const waited = await slow;
  probe.close();
  await Promise.all([fan, air, room].map(({ end }) => end()));
  await devices.close();
  return {
    call: { p50: percentile(tookMs, 0.5) * US_PER_MS, p99: percentile(tookMs, 0.99) * US_PER_MS },
    airAloneMs: median(alone.tookMs),
    airBesideMs: median(beside.tookMs),
    slowMs: waited.tookMs[0],
    stall,
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
