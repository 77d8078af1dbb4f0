/**
 * The interfaces of the original host's `demo:plugin` 0.1.0 and 0.2.0 where they differ from today's: I²C in hexadecimal
 * text on bus 1, one SPI device, one UART. What they reach is granted as for today's interfaces; where the old function
 * names no device, the first granted one is meant.
 */
import { WasiError } from '../errors/wasi-error';
import type { CapabilityContext } from './capability-context';
import { deniedText, orErrorText, ResultFailure } from './host-failure';
import { i2c } from './i2c';
import { spi } from './spi';
import { uart } from './uart';

const HEADER_BUS = 1;
const HEX = /^(?:[0-9a-fA-F]{2})*$/;
/** The original host read the port without waiting. */
const NO_WAIT_MS = 0;

export function demoI2c(context: CapabilityContext) {
  const { transfer } = i2c(context);
  return {
    transfer(address: number, hex: string, readLength: number): string {
      if (!HEX.test(hex)) throw new ResultFailure('the data to write must be pairs of hexadecimal digits');
      const read = asText(() => transfer(HEADER_BUS, address, Buffer.from(hex, 'hex'), readLength));
      return Buffer.from(read).toString('hex');
    },
  };
}

export function demoSpi(context: CapabilityContext) {
  const { transfer } = spi(context);
  return {
    transfer(data: Uint8Array): Uint8Array {
      const device = context.data.grants.spi[0];
      if (!device) {
        throw new ResultFailure(deniedText(context, { kind: 'spi', what: 'an SPI device', line: 'spi = ["0.0"]' }));
      }
      return asText(() => transfer(device.bus, device.chipSelect, data));
    },
  };
}

export function demoUart(context: CapabilityContext) {
  const { read, write } = uart(context);
  const port = (): string => {
    const first = context.data.grants.uart[0];
    if (first === undefined) {
      throw new ResultFailure(deniedText(context, { kind: 'uart', what: 'a port', line: 'uart = ["/dev/ttyAMA0"]' }));
    }
    return first;
  };
  return {
    read: (maxLength: number): Uint8Array => asText(() => read(port(), maxLength, NO_WAIT_MS)),
    write: (data: Uint8Array): number => asText(() => write(port(), data)),
    /** Its WIT gives an empty tuple back. */
    setBaud: (rate: number): [] => {
      orErrorText(() => context.devices.call('uartSetBaud', port(), rate));
      return [];
    },
  };
}

/** Today's `device-error` as the sentence that the old interfaces return. */
function asText<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof ResultFailure) throw new ResultFailure(textOf(error.payload));
    if (error instanceof WasiError) throw new ResultFailure(error.message);
    throw error;
  }
}

function textOf(payload: unknown): string {
  if (typeof payload === 'string') return payload;
  return typeof payload === 'object' && payload !== null && 'val' in payload
    ? String(payload.val)
    : 'the device did not answer in time';
}
