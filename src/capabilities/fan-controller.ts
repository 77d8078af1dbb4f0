/** `fan-controller`: the relay of the fan. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-fan-controller';
import type { CapabilityContext } from './capability-context';
import { orDefault } from './host-failure';

export function fanController(context: CapabilityContext): typeof Wit {
  return {
    setFan: (on) => orDefault(context, undefined, () => context.devices.call('setFan', on)),
    getFanState: () => orDefault(context, false, () => context.devices.call('fanState')),
  };
}
