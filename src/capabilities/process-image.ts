/** `process-image`: variables of a RevPi by their PiCtory name, each granted by name and direction. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-process-image';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError } from './host-failure';

export function processImage(context: CapabilityContext): Pick<typeof Wit, 'names' | 'read' | 'write'> {
  const { plugin } = context.data;
  const { read, write } = context.data.grants.processImage;
  return {
    names: () => [...new Set([...read, ...write])],
    read(name) {
      if (!read.includes(name)) throw denied(plugin, `reading ${name}`, `process_image = { read = ["${name}"] }`);
      return orDeviceError(() => context.devices.call('processImageRead', name));
    },
    write(name, value) {
      if (!write.includes(name)) throw denied(plugin, `writing ${name}`, `process_image = { write = ["${name}"] }`);
      orDeviceError(() => context.devices.call('processImageWrite', name, value));
    },
  };
}
