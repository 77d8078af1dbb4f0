/** What a part that keeps something on the disk tells of it. Whoever opens that part hands one in for each thing that it keeps. */
export interface StorageReport {
  /** It is on the disk, synced. */
  written(): void;
  /** It could not be written: the disk does not have what it should. */
  failed(cause: unknown): void;
  /** Nothing of it has to be written any more. */
  settled(): void;
}

/** Of a part that nobody asks. */
export const NO_REPORT: StorageReport = Object.freeze({
  written: () => undefined,
  failed: () => undefined,
  settled: () => undefined,
});
