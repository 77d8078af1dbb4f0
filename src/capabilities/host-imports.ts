/**
 * The host's side of every interface a plugin may import, made in the guest's worker from what was granted. Only what a
 * component asks for is ever looked up here, and `import-check.ts` has refused the rest before.
 */
import { DeviceClient } from '../hardware/device-client';
import { GuestLeds } from '../leds/guest-leds';
import type { HostImportsFactory } from '../wasm/guest-channel';
import { buzzerController } from './buzzer-controller';
import type { CapabilityContext } from './capability-context';
import { demoI2c, demoSpi, demoUart } from './demo-interfaces';
import { fanController } from './fan-controller';
import { gpioProvider } from './gpio-provider';
import type { GuestImportsData, StateChanges } from './guest-imports-data';
import { i2c } from './i2c';
import { ledController } from './led-controller';
import { processImage } from './process-image';
import { settings } from './settings';
import { spi } from './spi';
import { GuestState, stateStore } from './state-store';
import { systemInfo } from './system-info';
import { uart } from './uart';

export const hostImports: HostImportsFactory<GuestImportsData> = (data, warn) => {
  const said = new Set<string>();
  const warnOnce = (text: string) => {
    if (said.has(text)) return;
    said.add(text);
    warn(text);
  };
  const context: CapabilityContext = { data, devices: new DeviceClient(data.devices), warnOnce };
  const leds = new GuestLeds(data.leds.count, data.leds.granted, warnOnce);
  const state = new GuestState(data.state);
  const common = {
    'gpio-provider': gpioProvider(context),
    'led-controller': ledController(leds),
    'buzzer-controller': buzzerController(context),
    'fan-controller': fanController(context),
    'system-info': systemInfo(context),
  };
  return {
    interfaces: {
      ...inPackage('edge:plugin', {
        ...common,
        types: {},
        i2c: i2c(context),
        spi: spi(context),
        uart: uart(context),
        'process-image': processImage(context),
        settings: settings(context),
        'state-store': stateStore(state),
      }),
      ...inPackage('demo:plugin', { ...common, i2c: demoI2c(context), spi: demoSpi(context), uart: demoUart(context) }),
    },
    takeEffects() {
      const always: StateChanges = { state: state.takeChanges() };
      return { onSuccess: leds.takeWrites(), always };
    },
  };
};

function inPackage(name: string, interfaces: Readonly<Record<string, object>>): Record<string, object> {
  return Object.fromEntries(Object.entries(interfaces).map(([key, value]) => [`${name}/${key}`, value]));
}
