/**
 * A GPIO chip's character device as any program sees it (linux/gpio.h, uAPI v2): just enough to see that a chip of the
 * tests is there and that its lines can be driven. The product's own driver is not used here, so that it can be tested.
 */
import { closeSync, openSync } from 'node:fs';
import { ioctl } from './system-calls';

const GPIO_GET_CHIPINFO = 0x8044b401;
const GPIO_V2_GET_LINE = 0xc250b407;
const NAME_BYTES = 32;
const CHIP_INFO_BYTES = 68;
/** struct gpio_v2_line_request: 64 offsets, consumer, config (flags, number of attributes, padding, 10 attributes), … */
const LINE_REQUEST_BYTES = 592;
const AT = {
  offsets: 0,
  consumer: 256,
  flags: 288,
  attributeCount: 296,
  attributes: 320,
  lineCount: 560,
  fd: 588,
} as const;
const FLAG_OUTPUT = 1n << 3n;
const ATTRIBUTE_OUTPUT_VALUES = 2;

export interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

function opened<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r+');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at, at + NAME_BYTES).replace(/\0.*$/, '');
}

export function chipInfo(path: string): ChipInfo {
  const info = Buffer.alloc(CHIP_INFO_BYTES);
  opened(path, (fd) => ioctl(fd, GPIO_GET_CHIPINFO, info));
  return { name: textAt(info, 0), label: textAt(info, NAME_BYTES), lines: info.readUInt32LE(2 * NAME_BYTES) };
}

/** Until the function that is returned is called. */
export function driveLine(path: string, line: number, value: 0 | 1): () => void {
  const request = Buffer.alloc(LINE_REQUEST_BYTES);
  request.writeUInt32LE(line, AT.offsets);
  request.write('test', AT.consumer);
  request.writeBigUInt64LE(FLAG_OUTPUT, AT.flags);
  request.writeUInt32LE(1, AT.attributeCount);
  // struct gpio_v2_line_config_attribute: id, padding, values, mask of the lines meant.
  request.writeUInt32LE(ATTRIBUTE_OUTPUT_VALUES, AT.attributes);
  request.writeBigUInt64LE(BigInt(value), AT.attributes + 8);
  request.writeBigUInt64LE(1n, AT.attributes + 16);
  request.writeUInt32LE(1, AT.lineCount);
  opened(path, (fd) => ioctl(fd, GPIO_V2_GET_LINE, request));
  const lineFd = request.readInt32LE(AT.fd);
  return () => closeSync(lineFd);
}
