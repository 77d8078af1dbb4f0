/** `uart`: bytes from and to the ports that were granted. */

import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-uart';
import { FIXED } from '../errors/format-limit';
import { EXAMPLE, quoted, uartLine } from '../host-config/written-grants';
import type { CapabilityContext } from './capability-context';
import { denied, orDeviceError, ResultFailure, shownName } from './host-failure';

export const MAX_UART_BYTES = 4_096;
/** A wait longer than this is a poll that never ends; the plugin asks again at its next poll. */
export const MAX_READ_WAIT_MS = 10_000;

export function uart(context: CapabilityContext): Pick<typeof Wit, 'read' | 'write'> {
  const { grants } = context.data;
  const { used } = context.refused;
  const check = (port: string, length: number) => {
    if (!grants.uart.includes(port)) {
      const asked = shownName(port);
      const line = uartLine([...used.without(EXAMPLE.uart, grants.uart, String), asked]);
      throw denied(context, { kind: 'uart', what: `port ${quoted(asked)}`, line });
    }
    used.note(port);
    if (length > MAX_UART_BYTES)
      throw new ResultFailure({ tag: 'io' as const, val: `at most ${MAX_UART_BYTES} bytes a call ${FIXED}` });
  };
  return {
    read(port, maxLength, timeoutMs) {
      check(port, maxLength);
      return orDeviceError(() =>
        context.devices.call('uartRead', port, maxLength, Math.min(timeoutMs, MAX_READ_WAIT_MS)),
      );
    },
    write(port, data) {
      check(port, data.length);
      return orDeviceError(() => context.devices.call('uartWrite', port, data));
    },
  };
}
