/** Which of a guest process' descriptors is what: both sides have to agree. */
import { FIRST_SOCKET_FD } from './socket-descriptors';

/** As many guests at a time as any machine runs; each costs a descriptor here and there. */
export const CHANNELS = 32;

export const CONTROL_FD = FIRST_SOCKET_FD;

export function channelFd(channel: number): number {
  return CONTROL_FD + 1 + channel;
}
