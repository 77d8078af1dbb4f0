/** `spi`: full-duplex transfers to the devices that were granted. */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-spi';
import { FIXED } from '../errors/format-limit';
import { EXAMPLE, spiLine, spiText } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError, ResultFailure } from './host-failure';

/** The default buffer of the kernel's spidev (`bufsiz`, drivers/spi/spidev.c). */
export const MAX_SPI_BYTES = 4_096;

export function spi(context: CapabilityContext): Pick<typeof Wit, 'transfer'> {
  const { grants } = context.data;
  const { used } = context.refused;
  return {
    transfer(bus, chipSelect, data) {
      const asked = { bus, chipSelect };
      if (!grants.spi.some((device) => device.bus === bus && device.chipSelect === chipSelect)) {
        const line = spiLine([...used.without(EXAMPLE.spi, grants.spi, spiText), asked]);
        throw denied(context, { kind: 'spi', what: `SPI device ${bus}.${chipSelect}`, line });
      }
      used.note(spiText(asked));
      if (data.length > MAX_SPI_BYTES) {
        throw new ResultFailure({ tag: 'io' as const, val: `at most ${MAX_SPI_BYTES} bytes a transfer ${FIXED}` });
      }
      return orDeviceError(() => context.devices.call('spiTransfer', bus, chipSelect, data));
    },
  };
}
