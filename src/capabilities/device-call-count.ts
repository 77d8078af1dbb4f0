/**
 * How often the guests of one plugin called devices, and how often that failed, by call and by the code of the error. All
 * guests of the plugin count here, each in its own thread and while it calls, so that the calls of a guest that is stopped
 * count as well. Calls and codes are fixed lists: no plugin makes the table grow.
 */
import { ERROR_CODES, type ErrorCode } from '../errors';
import type { DeviceMethod } from '../hardware/hardware';

/** By the names that /metrics has for them. Their order is that of the table. */
const CALL_NAMES: Readonly<Record<DeviceMethod, string>> = {
  readDht22: 'read_dht22',
  readBme680: 'read_bme680',
  i2cTransfer: 'i2c_transfer',
  spiTransfer: 'spi_transfer',
  uartRead: 'uart_read',
  uartWrite: 'uart_write',
  uartSetBaud: 'uart_set_baud',
  beep: 'beep',
  setFan: 'set_fan',
  fanState: 'fan_state',
  cpuTemperature: 'cpu_temperature',
  memoryUsage: 'memory_usage',
  cpuUsage: 'cpu_usage',
  uptimeSeconds: 'uptime_seconds',
  processImageNames: 'process_image_names',
  processImageRead: 'process_image_read',
  processImageWrite: 'process_image_write',
  writeLeds: 'write_leds',
  simulate: 'simulate',
};

const METHODS: readonly string[] = Object.keys(CALL_NAMES);
/** Of one call: how often, then failures by code. */
const ROW = 1 + ERROR_CODES.length;

/** Crosses between threads as it is: its memory is shared. */
export type DeviceCallCount = BigInt64Array;

export interface CountedDeviceCall {
  readonly call: string;
  readonly calls: number;
  readonly failures: ReadonlyMap<ErrorCode, number>;
}

export function newDeviceCallCount(): DeviceCallCount {
  return new BigInt64Array(new SharedArrayBuffer(METHODS.length * ROW * BigInt64Array.BYTES_PER_ELEMENT));
}

export function countDeviceCall(count: DeviceCallCount, method: DeviceMethod): void {
  Atomics.add(count, METHODS.indexOf(method) * ROW, 1n);
}

export function countDeviceFailure(count: DeviceCallCount, method: DeviceMethod, code: ErrorCode): void {
  Atomics.add(count, METHODS.indexOf(method) * ROW + 1 + ERROR_CODES.indexOf(code), 1n);
}

/** Only what was called. */
export function deviceCallsIn(count: DeviceCallCount): readonly CountedDeviceCall[] {
  const counted: CountedDeviceCall[] = [];
  Object.values(CALL_NAMES).forEach((call, method) => {
    const at = (column: number) => Number(Atomics.load(count, method * ROW + column));
    const calls = at(0);
    if (calls === 0) return;
    const failures = ERROR_CODES.map((code, index) => [code, at(1 + index)] as const).filter(
      ([, failed]) => failed > 0,
    );
    counted.push({ call, calls, failures: new Map(failures) });
  });
  return counted;
}
