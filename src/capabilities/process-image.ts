/** `process-image`: variables of a RevPi by their PiCtory name, each granted by name and direction. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-process-image';
import { processImageLine, quoted } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError, shownName } from './host-failure';

export function processImage(context: CapabilityContext): Pick<typeof Wit, 'names' | 'read' | 'write'> {
  const { read, write } = context.data.grants.processImage;
  const refusal = (direction: 'read' | 'write', name: string) => {
    const asked = shownName(name);
    return denied(context, {
      kind: `process-image-${direction}`,
      what: `to ${direction} ${quoted(asked)}`,
      line: processImageLine({ read, write, [direction]: [...{ read, write }[direction], asked] }),
    });
  };
  return {
    names: () => [...new Set([...read, ...write])],
    read(name) {
      if (!read.includes(name)) throw refusal('read', name);
      return orDeviceError(() => context.devices.call('processImageRead', name));
    },
    write(name, value) {
      if (!write.includes(name)) throw refusal('write', name);
      orDeviceError(() => context.devices.call('processImageWrite', name, value));
    },
  };
}
