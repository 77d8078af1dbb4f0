/**
 * The structures and ioctls of KUNBUS's driver piControl, as its piControl.h has them (github.com/RevolutionPi/piControl,
 * src/piControl.h) and picontrol_ioctl(4) explains them. Little-endian; the same layout on 32 and 64 bits.
 */
import { io } from '../linux/ioctl-number';

/** KB_IOC_MAGIC */
const MAGIC = 'K'.charCodeAt(0);
/** The driver's list of modules, into an array of SDeviceInfo; returns how many there are. */
export const KB_GET_DEVICE_INFO_LIST = io(MAGIC, 13);
/** Sets one bit, or one byte, of the image by SPIValue; the one way that leaves its neighbours alone. */
export const KB_SET_VALUE = io(MAGIC, 16);
/** Fills in where the variable of an SPIVariable's name is; EFAULT where none has that name (piControlMain.c). */
export const KB_FIND_VARIABLE = io(MAGIC, 17);

/** KB_PI_LEN, project.h */
export const IMAGE_BYTES = 4_096;

/** SPIVariable: strVarName (char[32]), i16uAddress (u16), i8uBit (u8), a byte of padding, i16uLength (u16, bits). */
const VARIABLE_BYTES = 38;
const NAME_BYTES = 32;
/** SPIValue: i16uAddress (u16), i8uBit (u8), i8uValue (u8). */
const VALUE_BYTES = 4;
/** SDeviceInfo; what is not read here: serial number, versions, configuration, entries. */
const MODULE_BYTES = 72;
/** REV_PI_DEV_CNT_MAX */
const MAX_MODULES = 64;

/** Where the driver has a variable. */
export interface Place {
  readonly address: number;
  /** 0–7, of a variable of one bit. */
  readonly bit: number;
  /** 1, 8, 16 or 32. */
  readonly bits: number;
}

/** A module of the PiBridge, or the base module (position 0), or a virtual one, as the driver sees it now. */
export interface Module {
  readonly position: number;
  /** As PiCtory's productType: 96 DIO, 103 AIO, 136 Connect 4. */
  readonly type: number;
  /** 0: it was not found, or failed to start. */
  readonly active: number;
  /** Of I/O modules 1 while data is exchanged, 0 once it no longer answers (IOSTATE_OFFLINE, piIOComm.h). */
  readonly state: number;
  readonly inputs: { readonly offset: number; readonly bytes: number };
  readonly outputs: { readonly offset: number; readonly bytes: number };
}

/** The driver knows the first 31 bytes of a name. */
export function variableQuestion(name: string): Uint8Array {
  const bytes = new Uint8Array(VARIABLE_BYTES);
  bytes.set(Buffer.from(name, 'utf8').subarray(0, NAME_BYTES - 1));
  return bytes;
}

export function parsePlace(variable: Uint8Array): Place {
  const fields = viewOf(variable);
  return Object.freeze({
    address: fields.getUint16(32, true),
    bit: fields.getUint8(34),
    bits: fields.getUint16(36, true),
  });
}

export function bitSetting(address: number, bit: number, on: boolean): Uint8Array {
  const bytes = new Uint8Array(VALUE_BYTES);
  const fields = viewOf(bytes);
  fields.setUint16(0, address, true);
  fields.setUint8(2, bit);
  fields.setUint8(3, on ? 1 : 0);
  return bytes;
}

export function moduleListBuffer(): Uint8Array {
  return new Uint8Array(MAX_MODULES * MODULE_BYTES);
}

export function parseModules(list: Uint8Array, count: number): readonly Module[] {
  const fields = viewOf(list);
  return Array.from({ length: Math.min(count, MAX_MODULES) }, (_, index) => parseModule(fields, index * MODULE_BYTES));
}

function parseModule(fields: DataView, at: number): Module {
  return Object.freeze({
    position: fields.getUint8(at),
    type: fields.getUint16(at + 8, true),
    state: fields.getUint8(at + 38),
    active: fields.getUint8(at + 39),
    inputs: { offset: fields.getUint16(at + 28, true), bytes: fields.getUint16(at + 20, true) },
    outputs: { offset: fields.getUint16(at + 30, true), bytes: fields.getUint16(at + 22, true) },
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
