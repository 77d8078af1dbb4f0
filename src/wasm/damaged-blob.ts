/** A part of a prepared component that is missing or is not what its name says: preparing the component again mends it. */
import { WasiError } from '../errors/wasi-error';

export class DamagedBlob extends WasiError {
  constructor(message: string, options?: ErrorOptions) {
    super('PLUGIN_INVALID', message, options);
  }

  static altered(path: string): DamagedBlob {
    return new DamagedBlob(`${path} was altered after it was written`);
  }

  static unreadable(path: string, cause: unknown): DamagedBlob {
    return new DamagedBlob(`${path} could not be read: ${String(cause)}`, { cause });
  }
}
