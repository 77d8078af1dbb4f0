/** A guest whose process says what no guest of ours says: it is ended, and nothing of what it said is taken. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext } from 'node:test';
import { GuestCounts } from '../../src/capabilities/guest-counts';
import { ComponentLoader } from '../../src/component-store/component-loader';
import { GuestProcesses, type GuestProcessesOptions } from '../../src/guest-process/guest-processes';
import { type DeviceThread, openDeviceThread } from '../../src/hardware/device-thread';
import { pluginConfig } from '../../src/host-config/plugin-tables';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { HostedCallError, type HostedReturn, type RunningGuest, startGuest } from '../../src/plugin-host/running-guest';
import { StateFiles } from '../../src/plugin-host/state-files';
import { settingsWith } from '../hardware/settings';
import { promise } from '../support/promise';
import { fixture, scratchFolder } from '../wasm/components';
import { PREPARED } from '../wasm/prepared-guests';
import { configOf } from './probes';

/** In whose processes the imports of every guest are those of `hostile-imports.ts`. */
class TakenOver extends GuestProcesses {
  override start(...[start, place, user]: Parameters<GuestProcesses['start']>): ReturnType<GuestProcesses['start']> {
    const importsModule = join(__dirname, 'fixtures', 'hostile-imports.js');
    return super.start({ ...start, importsModule }, place, user);
  }
}

const LIMITS = '[limits]\ndeadline_ms = 60000\nload_deadline_ms = 300000\n';

let devices: DeviceThread;
before(async () => {
  devices = await openDeviceThread({ kind: 'simulated', because: 'a test' }, settingsWith());
});
after(() => devices.close());

/** The guest `faults` of this host.toml. */
async function start(t: TestContext, settings: string, table = '') {
  const folder = scratchFolder(t);
  const workFolder = join(folder, 'empty');
  mkdirSync(workFolder);
  const options: GuestProcessesOptions = {
    storeFolders: [PREPARED],
    workFolder,
    onEnd: () => undefined,
  };
  const processes = new TakenOver(options);
  const loader = new ComponentLoader({ storeDir: PREPARED, bundledDir: folder });
  t.after(async () => {
    loader.close();
    await processes.close();
  });
  const located = await new PluginFiles(join(fixture('faults'), '..'), new Map()).locate('faults');
  assert.ok(located);
  const toml = `${LIMITS}[plugins.faults]\nleds = [1]\n${table}[plugins.faults.settings]\n${settings}`;
  const counts = new GuestCounts();
  const guest = await startGuest(
    pluginConfig(configOf(toml), 'faults'),
    located,
    {
      loader,
      processes,
      stateFiles: new StateFiles(join(folder, 'state'), () => undefined),
      ledCount: () => 3,
      connectDevices: () => devices.callerFor(),
      onOutput: () => undefined,
      onWarning: () => undefined,
    },
    { signal: new AbortController().signal, counts },
  );
  assert.ok(guest !== 'unchanged');
  t.after(() => guest.close());
  return { guest, counts };
}

function call({ call: ask, role }: RunningGuest): Promise<HostedReturn> {
  return ask(role.instance, role.func, []);
}

const STOPPED = { code: 'PLUGIN_TRAPPED', message: /faults was stopped: its process sent what no plugin can/ };

describe('a guest whose process is not to be trusted', () => {
  for (const [lie, what] of [
    ['leds', 'changes an LED that it was not granted'],
    ['traces', 'keeps what is no state'],
    ['device', 'calls a device that it was not granted'],
    ['method', 'calls what is no device'],
  ] as const) {
    promise(`is ended where it ${what}`, async (t) => {
      const { guest } = await start(t, `lie = "${lie}"`);
      await assert.rejects(call(guest), (error: Error) => {
        assert.ok(!(error instanceof HostedCallError), 'nothing of what it says is taken');
        assert.match(error.message, STOPPED.message);
        return 'code' in error && error.code === STOPPED.code;
      });
      assert.equal(guest.alive, false);
      await assert.rejects(call(guest), STOPPED);
    });
  }

  promise('is ended also where its call failed', async (t) => {
    const { guest } = await start(t, 'lie = "traces"\nfault = "error"');
    await assert.rejects(call(guest), STOPPED);
    assert.equal(guest.alive, false);
  });

  promise('leaves the fan alone', async (t) => {
    await devices.call('setFan', false);
    const { guest, counts } = await start(t, 'lie = "device"');
    await assert.rejects(call(guest), STOPPED);
    assert.equal(await devices.call('fanState'), false);
    assert.deepEqual(counts.deviceCalls.counted(), []);
  });
});

describe('a guest that does as its grants say', () => {
  promise('changes devices by the same way', async (t) => {
    const { guest, counts } = await start(t, 'lie = "device"', '[plugins.faults.grants]\nfan = true\n');
    await call(guest);
    assert.equal(await devices.call('fanState'), true);
    assert.deepEqual(
      counts.deviceCalls.counted().map(({ call: name, calls }) => [name, calls]),
      [['set_fan', 1]],
    );
  });

  promise('has its refused calls counted, also of calls that failed', async (t) => {
    const { guest, counts } = await start(t, 'lie = "refusals"\nfault = "error"\nfault_at = 2');
    await call(guest);
    assert.equal(counts.refusals, 3);
    await assert.rejects(call(guest), (error) => error instanceof HostedCallError && error.lives);
    assert.equal(counts.refusals, 6);
    assert.equal(guest.alive, true);
  });
});
