/** `process-image`: variables of a RevPi by their PiCtory name, each granted by name and direction. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-process-image';
import { EXAMPLE, processImageLine, quoted } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError, shownName } from './host-failure';

export function processImage(context: CapabilityContext): Pick<typeof Wit, 'names' | 'read' | 'write'> {
  const { read, write } = context.data.grants.processImage;
  const { used } = context.refused;
  const refusal = (direction: 'read' | 'write', name: string) => {
    const asked = shownName(name);
    const kept = { read: used.without(EXAMPLE.read, read, String), write: used.without(EXAMPLE.write, write, String) };
    return denied(context, {
      kind: `process-image-${direction}`,
      what: `to ${direction} ${quoted(asked)}`,
      line: processImageLine({ ...kept, [direction]: [...kept[direction], asked] }),
    });
  };
  return {
    names: () => [...new Set([...read, ...write])],
    read(name) {
      if (!read.includes(name)) throw refusal('read', name);
      used.note(name);
      return orDeviceError(() => context.devices.call('processImageRead', name));
    },
    write(name, value) {
      if (!write.includes(name)) throw refusal('write', name);
      used.note(name);
      orDeviceError(() => context.devices.call('processImageWrite', name, value));
    },
  };
}
