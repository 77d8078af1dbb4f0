/** What the runtime asks of each kind of plugin, with the arguments that its interface's version takes. */
import { demoSensorData, newestOf, type SensorDataParts, sensorData } from '../dashboard/sensor-data';
import type { PluginCall } from '../plugin-host/plugin';
import { textOf } from '../readings/loop-breaks';
import type { Reading } from '../readings/reading';

/** What a poll brought: a sensor reads, and a display is given what all sensors read. */
export type Polled = { readonly kind: 'read'; readonly readings: readonly Reading[] } | { readonly kind: 'shown' };

/** `now` and `node` as for `dashboardCall`; only a display asks for them. */
export function pollCall(now: () => SensorDataParts, node: string): PluginCall<Polled> {
  return {
    kinds: ['sensor', 'display'],
    async args({ kind, dialect }) {
      if (kind !== 'display') return [];
      return [dialect === 'edge' ? await textOf(sensorData(now())) : demoSensorData(now(), node)];
    },
    // A display brings nothing back that could say that it shows all it should, in spite of a device that failed.
    isNothing: (polled) => polled.kind === 'shown' || polled.readings.length === 0,
  };
}

/** The original host's first dashboards take two numbers instead of a text. */
const DEMO_WITH_NUMBERS = 'demo:plugin/dashboard-logic@0.1.0';

/** `now` is asked for the parts when the guest is called, not when the call is queued. `node`: the own one, whose readings win in the forms that know no nodes. */
export function dashboardCall(now: () => SensorDataParts, node: string): PluginCall<string> {
  return {
    kinds: ['dashboard'],
    isNothing: () => false,
    async args({ dialect, instance }) {
      const parts = now();
      if (dialect === 'edge') return [await textOf(sensorData(parts))];
      if (instance !== DEMO_WITH_NUMBERS) return [demoSensorData(parts, node)];
      const { temperature, humidity } = newestOf(parts, 'dht22', node)?.values ?? {};
      return [Number(temperature ?? 0), Number(humidity ?? 0)];
    },
  };
}
