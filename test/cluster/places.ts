/**
 * Where members live: each has an address of its own, so that the ports may be the same for all. On the loopback that is
 * 127.a.b.n: no other process of this machine is ever given one of those by chance, as it might be given a port.
 */

export interface Place {
  /** `n` from 1. */
  address(n: number): string;
  /** What is to be started so that `program` runs there. */
  command(n: number, program: string, args: readonly string[]): { program: string; args: readonly string[] };
  close(): void;
}

/** Clusters of this process so far; each takes its own hundred addresses. */
let clusters = 0;
const PER_CLUSTER = 50;
const CLUSTERS = 5;

export function loopbackPlace(): Place {
  // 64 to 127, and all 256: a process is told from the next 16 383.
  const network = `127.${64 + ((process.pid >> 8) & 63)}.${process.pid & 255}`;
  const first = (clusters++ % CLUSTERS) * PER_CLUSTER;
  return {
    address: (n) => `${network}.${first + n}`,
    command: (_n, program, args) => ({ program, args }),
    close: () => {},
  };
}
