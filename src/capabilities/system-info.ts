/** `system-info`: memory in MiB, load in %, uptime in seconds. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-system-info';
import type { CapabilityContext } from './capability-context';
import { orDefault } from './host-failure';

export function systemInfo(context: CapabilityContext): typeof Wit {
  return {
    getMemoryUsage() {
      const { usedMb, totalMb } = orDefault(context, { usedMb: 0, totalMb: 0 }, () =>
        context.devices.call('memoryUsage'),
      );
      return [Math.round(usedMb), Math.round(totalMb)];
    },
    getCpuUsage: () => orDefault(context, Number.NaN, () => context.devices.call('cpuUsage')),
    getUptime: () => BigInt(Math.floor(orDefault(context, 0, () => context.devices.call('uptimeSeconds')))),
  };
}
