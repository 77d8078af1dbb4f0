/** What the thread that prepares one component is given, and its one answer; both ends import these types. */
import type { ErrorFacts } from '../errors';
import type { Conditions, Unprepared } from './loader-channel';

export interface PrepareRequest extends Conditions {
  readonly path: string;
  /** `new`: nothing is done where another one has prepared the same bytes meanwhile. */
  readonly why: Unprepared;
  /** Folder of prepared components that may be written. */
  readonly storeDir: string;
  readonly deadlineMs: number;
}

export type FromPreparer =
  /** The digest of the component that is in the store now. */
  | { readonly kind: 'prepared'; readonly digest: string }
  /** By the disk: a DiskFailure. */
  | { readonly kind: 'hindered'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };
