/** How a refused or failed call is told to a guest: as the interface's error where it has one, else as a default and a warning. */
import type { DeviceError } from '../../build/wit-types/interfaces/edge-plugin-types';
import { pluginTable } from '../errors/toml-plugin-header';
import { type ErrorCode, WasiError } from '../errors/wasi-error';
import type { CapabilityContext } from './capability-context';
import type { RefusedKind } from './refused-calls';

/** jco's glue returns the `payload` of what is thrown as the error side of a WIT `result`. */
export class ResultFailure<E> extends Error {
  readonly payload: E;

  constructor(payload: E) {
    super(typeof payload === 'string' ? payload : JSON.stringify(payload));
    this.payload = payload;
  }
}

/** What a guest may not have, and the line of host.toml that would grant it beside what it grants already. */
export interface Refused {
  readonly kind: RefusedKind;
  readonly what: string;
  readonly line: string;
}

/** A longer line would be cut in the log, and must not be copied then. */
const LONGEST_LINE = 240;

/** Counts the refusal, and is it as a `device-error`. */
export function denied(context: CapabilityContext, refused: Refused): ResultFailure<DeviceError> {
  return new ResultFailure<DeviceError>({ tag: 'denied', val: deniedText(context, refused) });
}

/** Counts the refusal, and is it as a sentence. */
export function deniedText({ data, refused }: CapabilityContext, { kind, what, line }: Refused): string {
  const [key = ''] = line.split(' ');
  const table = pluginTable(data.table ?? data.plugin, 'grants');
  // The line has all that is granted: it takes the place of one that is there, as TOML takes a key once.
  const remedy = line.length > LONGEST_LINE ? `add it to \`${key}\` of` : `set \`${line}\` below`;
  const text = `${what} is not granted to ${data.plugin}: ${remedy} ${table} in host.toml`;
  refused.add(kind, () => text);
  return text;
}

/** Longer than any name that host.toml could grant is of use. */
const SHOWN_LENGTH = 128;

/** A name as the guest gave it, no longer than is of use. */
export function shownName(name: string): string {
  return name.slice(0, SHOWN_LENGTH);
}

/** Runs a device call for an interface whose error is a `device-error`. */
export function orDeviceError<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof WasiError) throw new ResultFailure(deviceError(error.code, error.message));
    throw error;
  }
}

/** Runs a device call for an interface whose error is a sentence. */
export function orErrorText<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof WasiError) throw new ResultFailure(error.message);
    throw error;
  }
}

/** Runs a device call of a function that cannot fail in WIT: the guest gets `otherwise`, the log gets the reason. */
export function orDefault<T>(context: CapabilityContext, otherwise: T, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    context.warnOnce(error.message);
    return otherwise;
  }
}

function deviceError(code: ErrorCode, message: string): DeviceError {
  switch (code) {
    case 'HARDWARE_MISSING':
      return { tag: 'missing', val: message };
    case 'HARDWARE_PERMISSION':
      return { tag: 'denied', val: message };
    default:
      return { tag: 'io', val: message };
  }
}
