/** `i2c`: raw transfers to the addresses that were granted, and to no other. */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-i2c';
import { FIXED } from '../errors/format-limit';
import { EXAMPLE, i2cLine, i2cText } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError, ResultFailure } from './host-failure';

/** More than any sensor's registers; a display's frame goes in pieces. */
export const MAX_TRANSFER_BYTES = 4_096;

export function i2c(context: CapabilityContext): Pick<typeof Wit, 'transfer'> {
  const { grants } = context.data;
  const { used } = context.refused;
  return {
    transfer(bus, address, write, readLength) {
      const asked = { bus, address };
      if (!grants.i2c.some((granted) => granted.bus === bus && granted.address === address)) {
        const line = i2cLine([...used.without(EXAMPLE.i2c, grants.i2c, i2cText), asked]);
        throw denied(context, { kind: 'i2c', what: `I²C address ${i2cText(asked)}`, line });
      }
      used.note(i2cText(asked));
      if (write.length > MAX_TRANSFER_BYTES || readLength > MAX_TRANSFER_BYTES) {
        throw new ResultFailure({ tag: 'io' as const, val: `at most ${MAX_TRANSFER_BYTES} bytes a transfer ${FIXED}` });
      }
      return orDeviceError(() => context.devices.call('i2cTransfer', bus, address, write, readLength));
    },
  };
}
