/** The machine that a page is rendered on, as its dashboard plugin is told. */
import type { SensorDataHost } from '../dashboard/sensor-data';
import type { HardwareChoice } from '../hardware/hardware';

/** `node`: `[cluster] node_id`, else the host name. */
export function sensorDataHost(hardware: HardwareChoice, node: string): SensorDataHost {
  if (hardware.kind === 'simulated') return { node, simulated: true };
  return { node, simulated: false, model: hardware.model };
}
