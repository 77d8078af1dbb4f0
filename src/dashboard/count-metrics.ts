/** What the runtime counts of plugins, devices, the LED strip and Modbus gateways, for /metrics. Every label has a fixed or configured set of values. */
import type {
  CountsByCode,
  GatewayTotals,
  GuestProcessTotals,
  LedTotals,
  PluginTotals,
  RuntimeCounts,
} from '../runtime-api/counters';
import type { Family, Sample } from './exposition';

type Labels = Sample['labels'];

export function countFamilies({ plugins, leds, gateways, guestProcesses }: RuntimeCounts): Family[] {
  return [
    ...restartFamilies(plugins),
    ...processFamilies(guestProcesses),
    ...deviceFamilies(plugins),
    ...ledFamilies(leds),
    ...gatewayFamilies(mergedByAddress(gateways)),
  ];
}

function processFamilies({ pids, ends }: GuestProcessTotals): Family[] {
  return [
    {
      name: 'wasi_guest_processes',
      type: 'gauge',
      help: 'Processes in which plugins run.',
      samples: [{ labels: {}, value: pids.length }],
    },
    {
      name: 'wasi_guest_process_ends',
      type: 'counter',
      help: 'Times that such a process ended by itself, or was killed because of what it did.',
      samples: [{ labels: {}, value: ends }],
    },
  ];
}

function restartFamilies(plugins: readonly PluginTotals[]): Family[] {
  return [
    {
      name: 'wasi_plugin_restarts',
      type: 'counter',
      help: 'Fresh instances of the same component: after a trap, an exceeded limit, or a request in the editor.',
      samples: plugins.map(({ plugin, restarts }) => ({ labels: { plugin }, value: restarts })),
    },
    {
      name: 'wasi_plugin_reloads',
      type: 'counter',
      help: 'Times that a new file of each plugin took over.',
      samples: plugins.map(({ plugin, reloads }) => ({ labels: { plugin }, value: reloads })),
    },
  ];
}

function deviceFamilies(plugins: readonly PluginTotals[]): Family[] {
  const all = plugins.flatMap(({ plugin, deviceCalls }) => deviceCalls.map((each) => ({ plugin, ...each })));
  return [
    {
      name: 'wasi_device_calls',
      type: 'counter',
      help: 'Calls of each plugin to devices, failed ones included.',
      samples: all.map(({ plugin, call, calls }) => ({ labels: { plugin, call }, value: calls })),
    },
    {
      name: 'wasi_device_failures',
      type: 'counter',
      help: 'Calls of each plugin to devices that failed, by the code of the error.',
      samples: all.flatMap(({ plugin, call, failuresByCode }) => byCode({ plugin, call }, failuresByCode)),
    },
  ];
}

function ledFamilies({ writes, failuresByCode }: LedTotals): Family[] {
  return [
    {
      name: 'wasi_led_writes',
      type: 'counter',
      help: 'Times that the LED strip was written because its colors had changed.',
      samples: [{ labels: {}, value: writes }],
    },
    {
      name: 'wasi_led_write_failures',
      type: 'counter',
      help: 'Writes of the LED strip that failed, by the code of the error.',
      samples: byCode({}, failuresByCode),
    },
  ];
}

function gatewayFamilies(gateways: readonly GatewayTotals[]): Family[] {
  return [
    {
      name: 'wasi_modbus_serving',
      type: 'gauge',
      help: 'Whether each Modbus gateway can be reached by clients: 1, or 0.',
      samples: gateways.map((gateway) => ({ labels: addressOf(gateway), value: Number(gateway.isServing) })),
    },
    {
      name: 'wasi_modbus_clients',
      type: 'gauge',
      help: 'Clients that are connected to each Modbus gateway; of a serial line 1 while its master sends requests.',
      samples: gateways.map((gateway) => ({ labels: addressOf(gateway), value: gateway.clients })),
    },
    {
      name: 'wasi_modbus_requests',
      type: 'counter',
      help: 'Requests that each Modbus gateway carried out or refused.',
      samples: gateways.map((gateway) => ({ labels: addressOf(gateway), value: gateway.requests })),
    },
    {
      name: 'wasi_modbus_exceptions',
      type: 'counter',
      help: 'Requests that each Modbus gateway refused, by the exception code of Modbus.',
      samples: gateways.flatMap((gateway) => byCode(addressOf(gateway), gateway.exceptionsByCode)),
    },
  ];
}

/** Two gateways may be set to one address, though only one can serve it; two samples of one series would be an error. */
function mergedByAddress(gateways: readonly GatewayTotals[]): readonly GatewayTotals[] {
  const merged = new Map<string, GatewayTotals>();
  for (const gateway of gateways) {
    const key = JSON.stringify(addressOf(gateway));
    const other = merged.get(key);
    merged.set(key, other === undefined ? gateway : sumOf(other, gateway));
  }
  return [...merged.values()];
}

function sumOf(one: GatewayTotals, other: GatewayTotals): GatewayTotals {
  const codes = [...Object.keys(one.exceptionsByCode), ...Object.keys(other.exceptionsByCode)];
  return {
    ...one,
    isServing: one.isServing || other.isServing,
    clients: one.clients + other.clients,
    requests: one.requests + other.requests,
    exceptionsByCode: Object.fromEntries(
      codes.map((code) => [code, (one.exceptionsByCode[code] ?? 0) + (other.exceptionsByCode[code] ?? 0)]),
    ),
  };
}

function addressOf({ transport, address }: GatewayTotals): Labels {
  return { transport, address };
}

function byCode(labels: Labels, counts: CountsByCode): Sample[] {
  return Object.entries(counts).map(([code, value]) => ({ labels: { ...labels, code }, value }));
}
