/** Whether a bus and address were granted, and how an address is written in host.toml. */
import type { I2cAddress } from '../host-config/host-config';

export function isGranted(granted: readonly I2cAddress[], bus: number, address: number): boolean {
  return granted.some((entry) => entry.bus === bus && entry.address === address);
}

export function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}

/** The grant as host.toml writes it: bus 1 goes without saying. */
export function grantText(bus: number, address: number): string {
  return bus === 1 ? hexAddress(address) : `${bus}:${hexAddress(address)}`;
}
