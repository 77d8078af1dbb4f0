/** Guests without a runtime around them, whose imports are those of a module of bench/: the bundled pi_monitor, each. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const src = (path) => require(join(BENCH, '..', 'dist', 'src', `${path}.js`));

const { GuestCounts } = src('capabilities/guest-counts');
const { ServedDevices } = src('capabilities/served-devices');
const { ComponentLoader } = src('component-store/component-loader');
const { Guest } = src('guest-process/guest');
const { GuestProcesses } = src('guest-process/guest-processes');
const { roleOf } = src('plugin-host/plugin-role');

const PLUGIN = 'pi_monitor';
export const BUNDLED_DIR = join(BENCH, '..', 'dist', 'prepared');
export const BUNDLED = JSON.parse(readFileSync(join(BUNDLED_DIR, 'bundled.json'), 'utf8'));

export function loaderIn(userDir) {
  return new ComponentLoader({ storeDir: join(userDir, 'store'), bundledDir: BUNDLED_DIR });
}

/** They may also read the modules of bench/. */
export function processesIn(userDir) {
  const workFolder = join(userDir, 'empty');
  mkdirSync(workFolder, { recursive: true });
  return new GuestProcesses({ storeFolders: [BUNDLED_DIR, BENCH], workFolder, onEnd: (text) => console.error(text) });
}

/** `module`: a file of bench/; `data`: what it is given beside what all imports are given. */
export class BareGuests {
  constructor({ userDir, devices, config }) {
    this.config = config;
    this.devices = devices;
    this.loader = loaderIn(userDir);
    this.processes = processesIn(userDir);
  }

  async start({ module, grants, data = {} }) {
    const { leds, settings, limits, ...plugin } = this.config.plugins.get(PLUGIN);
    const granted = grants ?? plugin.grants;
    const source = { kind: 'bundled', digest: BUNDLED[PLUGIN] };
    const wanted = { memoryMb: limits.memoryMb, deadlineMs: limits.loadDeadlineMs, checkData: false };
    const { digest, glue, modules, exports } = await this.loader.load(source, wanted);
    const served = new ServedDevices(granted, this.devices.callerFor(), new GuestCounts().deviceCalls);
    const guest = await Guest.start(this.processes, {
      name: PLUGIN,
      digest,
      isolation: 'shared',
      glue,
      modules,
      importsModule: join(BENCH, module),
      importsData: {
        plugin: PLUGIN,
        grants: granted,
        leds: { count: this.config.leds.count, granted: leds },
        settings: Object.entries(settings),
        state: [],
        ...data,
      },
      memoryMb: limits.memoryMb,
      loadDeadlineMs: limits.loadDeadlineMs,
      signal: new AbortController().signal,
      readAhead: { read: () => served.readAhead(), asked: (methods, used) => served.asked(methods, used) },
      onDeviceCall: (method, args) => served.serve(method, args),
      onOutput: () => undefined,
      onWarning: () => undefined,
    });
    const { instance } = roleOf(exports);
    return {
      poll: (deadlineMs) => guest.call(instance, 'poll', [], deadlineMs),
      close: () => guest.close(),
    };
  }

  async close() {
    this.loader.close();
    await this.processes.close();
  }
}
