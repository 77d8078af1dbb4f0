/** The disk kept a component from being loaded, whatever that is like: the same file may load once there is room, or rights. */
import { WasiError } from '../errors';

export class DiskFailure extends WasiError {
  constructor(message: string, options?: ErrorOptions) {
    super('PLUGIN_STORAGE', message, options);
  }
}
