/** How a refused or failed call is told to a guest: as the interface's error where it has one, else as a default and a warning. */
import type { DeviceError } from '../../build/wit-types/interfaces/edge-plugin-types';
import { type ErrorCode, WasiError } from '../errors';
import type { CapabilityContext } from './capability-context';

/** jco's glue returns the `payload` of what is thrown as the error side of a WIT `result`. */
export class ResultFailure<E> extends Error {
  readonly payload: E;

  constructor(payload: E) {
    super(typeof payload === 'string' ? payload : JSON.stringify(payload));
    this.payload = payload;
  }
}

export function denied(plugin: string, what: string, line: string): ResultFailure<DeviceError> {
  return new ResultFailure<DeviceError>({ tag: 'denied', val: deniedText(plugin, what, line) });
}

export function deniedText(plugin: string, what: string, line: string): string {
  return `${what} is not granted to ${plugin}: add \`${line}\` to [plugins.${plugin}.grants] in host.toml`;
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
