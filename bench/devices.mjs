/**
 * Measured process: calls of simulated devices, each from a guest's thread over Node-RED's process and the device thread and
 * back, as an import of a guest makes it: first of the fan's state, which takes no time itself; then of a BME680 that one
 * guest reads while another waits 2.5 s for a DHT22 whose first frame is broken, and the longest stall of this process's
 * loop meanwhile. The same BME680 reads without the DHT22 are the baseline.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BareGuests } from './bare-guests.mjs';
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
const CALL_LIMIT_MS = 60_000;
const US_PER_MS = 1_000;

const config = parseHostConfig('[simulation]\ndht22_failure_rate = 1\n', 'host.toml', { hostName: 'bench' });

await measured(async ({ userDir }) => {
  const devices = await openDeviceThread({ kind: 'simulated', because: 'bench' }, hardwareSettings(config));
  const guests = new BareGuests({ userDir, devices, config });
  const { bus, address } = config.sensors.bme680;
  const { gpioPin } = config.sensors.dht22;
  const { grants } = config.plugins.get('pi_monitor');
  const everything = { ...grants, gpio: [gpioPin], i2c: [{ bus, address }] };
  const readAir = (times) => ({ method: 'readBme680', args: [bus, address], times });
  const fanState = (times) => ({ method: 'fanState', args: [], times });
  /** The jobs of one guest, each done by its next poll. */
  const caller = async (jobs) => {
    const guest = await guests.start({ module: 'device-caller.cjs', grants: everything, data: { jobs } });
    return { next: async () => (await guest.poll(CALL_LIMIT_MS)).effects.always, end: () => guest.close() };
  };
  const fan = await caller([fanState(WARM_UP), fanState(CALLS)]);
  const air = await caller([readAir(1), readAir(AIR_READS), readAir(AIR_READS)]);
  const room = await caller([{ method: 'readDht22', args: [gpioPin], times: 1 }]);
  await fan.next();
  const { tookMs, failed } = await fan.next();
  if (failed > 0) throw new Error(`${failed} calls of the fan failed`);
  const echo = await timeEcho();
  await air.next();
  const alone = await air.next();
  const probe = new StallProbe();
  const idle = await idleStall(probe);
  const slow = room.next();
  const beside = await air.next();
  const waited = await slow;
  const stall = probe.take();
  probe.close();
  for (const { end } of [fan, air, room]) end();
  await guests.close();
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
