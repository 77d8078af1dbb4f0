/** What the runtime asks of each kind of plugin, with the arguments that its interface's version takes. */
import { demoSensorData, newestOf, type SensorDataParts, sensorData } from '../dashboard/sensor-data';
import type { PluginCall } from '../plugin-host/plugin';

export const SENSOR_CALL: PluginCall = {
  kind: 'sensor',
  args: () => [],
  isNothing: (readings) => Array.isArray(readings) && readings.length === 0,
};

/** The original host's first dashboards take two numbers instead of a text. */
const DEMO_WITH_NUMBERS = 'demo:plugin/dashboard-logic@0.1.0';

/** `now` is asked for the parts when the guest is called, not when the call is queued. `node`: the own one, whose readings win in the forms that know no nodes. */
export function dashboardCall(now: () => SensorDataParts, node: string): PluginCall {
  return {
    kind: 'dashboard',
    isNothing: () => false,
    args({ dialect, instance }) {
      const parts = now();
      if (dialect === 'edge') return [sensorData(parts)];
      if (instance !== DEMO_WITH_NUMBERS) return [demoSensorData(parts.readings, node)];
      const { temperature, humidity } = newestOf(parts.readings, 'dht22', node)?.values ?? {};
      return [Number(temperature ?? 0), Number(humidity ?? 0)];
    },
  };
}
