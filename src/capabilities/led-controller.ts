/** `led-controller`: changes the guest's own copy of the buffer; which LEDs count is decided by GuestLeds. */
import type * as Wit from '../../build/wit-types/interfaces/edge-plugin-led-controller';
import type { GuestLeds } from '../leds/guest-leds';

export function ledController(leds: GuestLeds): typeof Wit {
  return {
    setLed: (index, r, g, b) => leds.setLed(index, r, g, b),
    setTwo: (r0, g0, b0, r1, g1, b1) => leds.setTwo(r0, g0, b0, r1, g1, b1),
    setAll: (r, g, b) => leds.setAll(r, g, b),
    clear: () => leds.clear(),
    // The strip is written once a cycle, by the led-sync node: a guest that could would make it flicker.
    syncLeds: () => undefined,
  };
}
