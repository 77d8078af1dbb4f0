/**
 * Structures and numbers of the GPIO character device, uAPI v2 (linux/gpio.h, since Linux 5.10), for requests of one
 * line. All fields are little-endian on every Raspberry Pi and laid out alike on 32 and 64 bits.
 */
import { ior, iowr } from './ioctl-number';

const GPIO_MAGIC = 0xb4;
const NAME_BYTES = 32;

/** struct gpiochip_info: name, label, number of lines. */
const CHIP_INFO_BYTES = 68;
/** struct gpio_v2_line_info: name, consumer, offset, num_attrs, flags, ten attributes, padding. */
const LINE_INFO_BYTES = 256;
/** struct gpio_v2_line_request: 64 offsets, consumer, config (flags, num_attrs, padding, ten attributes), num_lines, … fd. */
const LINE_REQUEST_BYTES = 592;
/** struct gpio_v2_line_values: bits, mask. */
const LINE_VALUES_BYTES = 16;

export const GPIO_GET_CHIPINFO = ior(GPIO_MAGIC, 0x01, CHIP_INFO_BYTES);
export const GPIO_V2_GET_LINEINFO = iowr(GPIO_MAGIC, 0x05, LINE_INFO_BYTES);
export const GPIO_V2_GET_LINE = iowr(GPIO_MAGIC, 0x07, LINE_REQUEST_BYTES);
export const GPIO_V2_LINE_GET_VALUES = iowr(GPIO_MAGIC, 0x0e, LINE_VALUES_BYTES);
export const GPIO_V2_LINE_SET_VALUES = iowr(GPIO_MAGIC, 0x0f, LINE_VALUES_BYTES);

const FLAG_ACTIVE_LOW = 1n << 1n;
const FLAG_OUTPUT = 1n << 3n;

const CHIP_LABEL_AT = 32;
const LINE_CONSUMER_AT = 32;
const LINE_OFFSET_AT = 64;
const REQUEST_CONSUMER_AT = 256;
const REQUEST_FLAGS_AT = 288;
const REQUEST_NUM_LINES_AT = 560;
const REQUEST_FD_AT = 588;

const ONE_LINE = 1n;

export function emptyChipInfo(): Uint8Array {
  return new Uint8Array(CHIP_INFO_BYTES);
}

export function chipLabel(chipInfo: Uint8Array): string {
  return text(chipInfo, CHIP_LABEL_AT);
}

export function lineInfoOf(offset: number): Uint8Array {
  const info = new Uint8Array(LINE_INFO_BYTES);
  view(info).setUint32(LINE_OFFSET_AT, offset, true);
  return info;
}

/** Who requested the line; "" where nobody says. */
export function lineConsumer(lineInfo: Uint8Array): string {
  return text(lineInfo, LINE_CONSUMER_AT);
}

/**
 * One line as an output that is active low. No value is given: the kernel then starts an output inactive, which for an
 * active low line is the high level.
 */
export function activeLowOutputRequest(offset: number, consumer: string): Uint8Array {
  const request = new Uint8Array(LINE_REQUEST_BYTES);
  const fields = view(request);
  fields.setUint32(0, offset, true);
  request.set(new TextEncoder().encode(consumer).subarray(0, NAME_BYTES - 1), REQUEST_CONSUMER_AT);
  fields.setBigUint64(REQUEST_FLAGS_AT, FLAG_OUTPUT | FLAG_ACTIVE_LOW, true);
  fields.setUint32(REQUEST_NUM_LINES_AT, 1, true);
  return request;
}

/** The descriptor of the requested line, which the kernel wrote into the request. */
export function requestedFd(request: Uint8Array): number {
  return view(request).getInt32(REQUEST_FD_AT, true);
}

export function lineValues(active: boolean): Uint8Array {
  const values = new Uint8Array(LINE_VALUES_BYTES);
  view(values).setBigUint64(0, active ? ONE_LINE : 0n, true);
  view(values).setBigUint64(8, ONE_LINE, true);
  return values;
}

export function isActive(values: Uint8Array): boolean {
  return (view(values).getBigUint64(0, true) & ONE_LINE) !== 0n;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
