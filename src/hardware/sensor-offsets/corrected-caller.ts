/**
 * The devices of one guest, whose sensors answer with the offsets of host.toml: asked for at each answer, so that others hold
 * at once. What passes as bytes (I²C, SPI, serial ports) is as the device sent it: only the guest knows what it means.
 */
import type { DeviceCaller } from '../device-thread';
import type { Bme680Measurement, Dht22Measurement, SensorOffsets } from '../hardware';
import { correctedBme680, correctedDht22, isActive } from './corrected-measurement';

/** Where host.toml has a sensor, and what is to be added to what it measures. */
export interface SensorTables {
  readonly dht22: { readonly gpioPin: number; readonly offsets: SensorOffsets };
  readonly bme680: { readonly bus: number; readonly address: number; readonly offsets: SensorOffsets };
}

export interface Correction {
  readonly sensor: keyof SensorTables;
  readonly offsets: SensorOffsets;
  readonly measured: Dht22Measurement;
  readonly corrected: Dht22Measurement;
}

export function correctedCaller(
  devices: DeviceCaller,
  sensors: () => SensorTables,
  onCorrection: (correction: Correction) => void,
): DeviceCaller {
  return {
    call: async (method, args) => {
      const answer = await devices.call(method, args);
      const { dht22, bme680 } = sensors();
      const [first, second] = args;
      if (method === 'readDht22' && first === dht22.gpioPin && isActive(dht22.offsets)) {
        const measured = answer as Dht22Measurement;
        const corrected = correctedDht22(measured, dht22.offsets);
        onCorrection({ sensor: 'dht22', offsets: dht22.offsets, measured, corrected });
        return corrected;
      }
      if (method === 'readBme680' && first === bme680.bus && second === bme680.address && isActive(bme680.offsets)) {
        const measured = answer as Bme680Measurement;
        const corrected = correctedBme680(measured, bme680.offsets);
        onCorrection({ sensor: 'bme680', offsets: bme680.offsets, measured, corrected });
        return corrected;
      }
      return answer;
    },
    // Calls without arguments: no sensor of host.toml is read by one.
    read: (methods) => devices.read(methods),
  };
}
