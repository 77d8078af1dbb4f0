/**
 * Whether a guest may make a device call: asked in Node-RED's process for every call, whatever the guest's own process
 * checked before (there a refusal can be explained to the guest). A call that is refused here was not made by the code of
 * this package: that process is not to be trusted any longer.
 */
import type { DeviceMethod } from '../hardware/hardware';
import type { Grants } from '../host-config/host-config';
import { isShortPattern } from './buzzer-controller';
import { MAX_TRANSFER_BYTES } from './i2c';
import { MAX_SPI_BYTES } from './spi';
import { MAX_READ_WAIT_MS, MAX_UART_BYTES } from './uart';

/** A method that guests may call, and arguments that fit it. */
export interface PermittedCall {
  readonly method: GuestDeviceMethod;
  readonly args: readonly unknown[];
}

/** All but those that only the runtime calls. */
export type GuestDeviceMethod = Exclude<DeviceMethod, 'writeLeds' | 'simulate' | 'processImageNames'>;

type Check = (value: unknown) => boolean;

interface Permission {
  readonly args: readonly Check[];
  /** After the arguments were checked. */
  may(grants: Grants, args: readonly unknown[]): boolean;
}

const U8_MAX = 0xff;
const U32_MAX = 0xffff_ffff;
const S32_MIN = -0x8000_0000;

const isByte = integer(0, U8_MAX);
const isU32 = integer(0, U32_MAX);
const isText: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';

const PERMISSIONS: Readonly<Record<GuestDeviceMethod, Permission>> = {
  readDht22: { args: [isByte], may: ({ gpio }, [pin]) => gpio.some((granted) => granted === pin) },
  readBme680: { args: [isByte, isByte], may: grantsI2c },
  i2cTransfer: {
    args: [isByte, isByte, bytes(MAX_TRANSFER_BYTES), integer(0, MAX_TRANSFER_BYTES)],
    may: grantsI2c,
  },
  spiTransfer: {
    args: [isByte, isByte, bytes(MAX_SPI_BYTES)],
    may: ({ spi }, [bus, chipSelect]) =>
      spi.some((granted) => granted.bus === bus && granted.chipSelect === chipSelect),
  },
  uartRead: { args: [isText, integer(0, MAX_UART_BYTES), integer(0, MAX_READ_WAIT_MS)], may: grantsUart },
  uartWrite: { args: [isText, bytes(MAX_UART_BYTES)], may: grantsUart },
  // Which rates there are is for the port's driver to say.
  uartSetBaud: { args: [isText, isU32], may: grantsUart },
  beep: {
    args: [isU32, isU32, isU32],
    may: ({ buzzer }, [tones, toneMs, intervalMs]) =>
      buzzer && isShortPattern(Number(tones), Number(toneMs), Number(intervalMs)),
  },
  setFan: { args: [isBoolean], may: ({ fan }) => fan },
  fanState: { args: [], may: ({ fan }) => fan },
  cpuTemperature: { args: [], may: () => true },
  memoryUsage: { args: [], may: ({ systemInfo }) => systemInfo },
  cpuUsage: { args: [], may: ({ systemInfo }) => systemInfo },
  uptimeSeconds: { args: [], may: ({ systemInfo }) => systemInfo },
  processImageRead: {
    args: [isText],
    may: ({ processImage }, [name]) => processImage.read.some((one) => one === name),
  },
  processImageWrite: {
    args: [isText, isProcessImageValue],
    may: ({ processImage }, [name]) => processImage.write.some((one) => one === name),
  },
};

/** undefined: no guest with these grants may call this. */
export function permittedCall(grants: Grants, method: string, args: readonly unknown[]): PermittedCall | undefined {
  if (!isGuestMethod(method)) return undefined;
  const permission = PERMISSIONS[method];
  const fits = args.length === permission.args.length && permission.args.every((check, at) => check(args[at]));
  return fits && permission.may(grants, args) ? { method, args } : undefined;
}

function isGuestMethod(method: string): method is GuestDeviceMethod {
  return Object.hasOwn(PERMISSIONS, method);
}

function grantsI2c({ i2c }: Grants, [bus, address]: readonly unknown[]): boolean {
  return i2c.some((granted) => granted.bus === bus && granted.address === address);
}

function grantsUart({ uart }: Grants, [port]: readonly unknown[]): boolean {
  return uart.some((granted) => granted === port);
}

function integer(min: number, max: number): Check {
  return (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function bytes(max: number): Check {
  return (value) => value instanceof Uint8Array && value.length <= max;
}

function isProcessImageValue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('tag' in value) || !('val' in value)) return false;
  switch (value.tag) {
    case 'bit':
      return isBoolean(value.val);
    case 'unsigned':
      return isU32(value.val);
    case 'signed':
      return integer(S32_MIN, -S32_MIN - 1)(value.val);
    default:
      return false;
  }
}
