/** Which of a guest process' descriptors is what: both sides have to agree. */
import { FIRST_SOCKET_FD } from './socket-descriptors';

/** Guests of one process; a further process takes more. Each channel costs a descriptor in either process. */
export const CHANNELS = 32;

export const CONTROL_FD = FIRST_SOCKET_FD;

export function channelFd(channel: number): number {
  return CONTROL_FD + 1 + channel;
}
