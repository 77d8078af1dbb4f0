/** Whether what a runtime keeps is on the disk: for health, /metrics, the page and the editor. Implemented by `runtime/storage-health.ts`. */
import type { StorageReport } from '../platform/storage-report';

/** `disk`: anything at all. `state`: of one plugin. */
export type StorageUse = 'disk' | 'history' | 'state' | 'registers' | 'outbox' | 'prepared' | 'host-toml';

/** Something that is not being kept at the moment. */
export interface NotKept {
  readonly what: StorageUse;
  /** Of `state`. */
  readonly plugin?: string;
  /** ms since 1970. */
  readonly since: number;
  /** The system's name of the cause (errno), `ENOSPC`; "" where it has none. */
  readonly reason: string;
  /** What is not kept, why, and what to do. */
  readonly message: string;
}

export interface StorageView {
  /** `low`: there is little room left, and everything is kept. `failing`: something is not. */
  readonly status: 'ok' | 'low' | 'failing';
  /** On whose file system it is. */
  readonly folder: string;
  /** Missing until it was looked at, and where it cannot be. */
  readonly freeBytes?: number;
  readonly sizeBytes?: number;
  /** Since the runtime was opened. */
  readonly failedWrites: number;
  /** Missing before the first. */
  readonly secondsSinceLastWrite?: number;
  readonly notKept: readonly NotKept[];
}

export interface RuntimeStorage {
  view(): StorageView;
  /** The same one for the same thing. */
  report(what: StorageUse, plugin?: string): StorageReport;
}
