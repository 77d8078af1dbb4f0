/** What all guests of one plugin count together, in memory that their threads share. */
import { type DeviceCallCount, newDeviceCallCount } from './device-call-count';
import { newRefusalCount, type RefusalCount } from './refusal-count';

export interface GuestCounts {
  readonly refusals: RefusalCount;
  readonly deviceCalls: DeviceCallCount;
}

export function newGuestCounts(): GuestCounts {
  return { refusals: newRefusalCount(), deviceCalls: newDeviceCallCount() };
}
