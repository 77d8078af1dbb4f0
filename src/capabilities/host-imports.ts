/**
 * The host's side of every interface a plugin may import, made in the guest's thread from what was granted. Only what a
 * component asks for is ever looked up here, and `import-check.ts` has refused the rest before. Each function gets its
 * arguments only after `argument-check.ts` has seen them.
 */
import { GuestLeds } from '../leds/guest-leds';
import type { HostImportsFactory } from '../wasm/guest-imports';
import { type ArgumentKind, checkedFunctions, type SignaturesOf } from './argument-check';
import { buzzerController } from './buzzer-controller';
import type { CapabilityContext } from './capability-context';
import { demoI2c, demoSpi, demoUart } from './demo-interfaces';
import { fanController } from './fan-controller';
import { gpioProvider } from './gpio-provider';
import { GuestDevices } from './guest-devices';
import type { GuestImportsData, SentTraces } from './guest-imports-data';
import { i2c } from './i2c';
import { ledController } from './led-controller';
import { processImage } from './process-image';
import { RefusedCalls } from './refused-calls';
import { settings } from './settings';
import { spi } from './spi';
import { GuestState, stateStore } from './state-store';
import { systemInfo } from './system-info';
import { uart } from './uart';

export const hostImports: HostImportsFactory<GuestImportsData> = (data, access) => {
  const warn = (text: string) => access.warn(text);
  const said = new Set<string>();
  const warnOnce = (text: string) => {
    if (said.has(text)) return;
    said.add(text);
    warn(text);
  };
  const refused = new RefusedCalls(warn, (count) => access.refused(count));
  const devices = new GuestDevices(access);
  const context: CapabilityContext = { data, devices, refused, warnOnce };
  const leds = new GuestLeds(data.leds.count, data.leds.granted, (text) => refused.add('led', text));
  const state = new GuestState(new Map(data.state));
  const common = commonInterfaces(context, leds);
  return {
    interfaces: {
      ...inPackage('edge:plugin', { ...common, ...edgeInterfaces(context, state) }, { ...COMMON, ...EDGE }),
      ...inPackage('demo:plugin', { ...common, ...demoInterfaces(context) }, { ...COMMON, ...DEMO }),
    },
    takeEffects() {
      const writes = leds.takeWrites();
      const traces: SentTraces = { kept: [...state.takeChanges()], refusedCalls: refused.takeCount() };
      return {
        onSuccess: writes.length > 0 ? writes : undefined,
        always: traces.kept.length > 0 || traces.refusedCalls > 0 ? traces : undefined,
      };
    },
  };
};

/** Those that both packages have alike. */
function commonInterfaces(context: CapabilityContext, leds: GuestLeds) {
  return {
    'gpio-provider': gpioProvider(context),
    'led-controller': ledController(leds),
    'buzzer-controller': buzzerController(context),
    'fan-controller': fanController(context),
    'system-info': systemInfo(context),
  };
}

const COMMON: SignaturesOf<ReturnType<typeof commonInterfaces>> = {
  'gpio-provider': { readDht22: ['u8'], readBme680: ['u8'], getTimestampMs: [], getCpuTemp: [] },
  'led-controller': {
    setLed: ['u8', 'u8', 'u8', 'u8'],
    setTwo: ['u8', 'u8', 'u8', 'u8', 'u8', 'u8'],
    setAll: ['u8', 'u8', 'u8'],
    clear: [],
    syncLeds: [],
  },
  'buzzer-controller': { buzz: ['u32'], beep: ['u8', 'u32', 'u32'] },
  'fan-controller': { setFan: ['bool'], getFanState: [] },
  'system-info': { getMemoryUsage: [], getCpuUsage: [], getUptime: [] },
};

function edgeInterfaces(context: CapabilityContext, state: GuestState) {
  return {
    types: {},
    i2c: i2c(context),
    spi: spi(context),
    uart: uart(context),
    'process-image': processImage(context),
    settings: settings(context),
    'state-store': stateStore(state),
  };
}

const EDGE: SignaturesOf<ReturnType<typeof edgeInterfaces>> = {
  types: {},
  i2c: { transfer: ['u8', 'u8', 'bytes', 'u32'] },
  spi: { transfer: ['u8', 'u8', 'bytes'] },
  uart: { read: ['string', 'u32', 'u32'], write: ['string', 'bytes'] },
  'process-image': { names: [], read: ['string'], write: ['string', 'process-image-value'] },
  settings: { get: ['string'] },
  'state-store': { get: ['string'], set: ['string', 'bytes'], delete: ['string'] },
};

function demoInterfaces(context: CapabilityContext) {
  return { i2c: demoI2c(context), spi: demoSpi(context), uart: demoUart(context) };
}

const DEMO: SignaturesOf<ReturnType<typeof demoInterfaces>> = {
  i2c: { transfer: ['u8', 'string', 'u32'] },
  spi: { transfer: ['bytes'] },
  uart: { read: ['u32'], write: ['bytes'], setBaud: ['u32'] },
};

function inPackage(
  name: string,
  interfaces: Readonly<Record<string, object>>,
  signatures: Readonly<Record<string, Readonly<Record<string, readonly ArgumentKind[]>>>>,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(interfaces).map(([key, functions]) => {
      const full = `${name}/${key}`;
      return [full, checkedFunctions(full, functions, signatures[key] ?? {})];
    }),
  );
}
