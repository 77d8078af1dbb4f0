/** The first descriptor of such a process that is a socket; no others are inherited but those of the standard streams. */
export const FIRST_SOCKET_FD = 3;
