/**
 * How often the guests of one plugin called devices, and how often that failed, by call and by the code of the error. Calls
 * and codes are fixed lists: no plugin makes the table grow.
 */
import type { ErrorCode } from '../errors/wasi-error';
import type { DeviceMethod } from '../hardware/hardware';

/** By the names that /metrics has for them. */
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

export interface CountedDeviceCall {
  readonly call: string;
  readonly calls: number;
  readonly failures: ReadonlyMap<ErrorCode, number>;
}

export class DeviceCallCount {
  readonly #calls = new Map<DeviceMethod, number>();
  readonly #failures = new Map<DeviceMethod, Map<ErrorCode, number>>();

  addCall(method: DeviceMethod): void {
    this.#calls.set(method, (this.#calls.get(method) ?? 0) + 1);
  }

  addFailure(method: DeviceMethod, code: ErrorCode): void {
    const failures = this.#failures.get(method) ?? new Map<ErrorCode, number>();
    failures.set(code, (failures.get(code) ?? 0) + 1);
    this.#failures.set(method, failures);
  }

  /** Only what was called. */
  counted(): readonly CountedDeviceCall[] {
    return [...this.#calls].map(([method, calls]) => ({
      call: CALL_NAMES[method],
      calls,
      failures: this.#failures.get(method) ?? new Map(),
    }));
  }
}
