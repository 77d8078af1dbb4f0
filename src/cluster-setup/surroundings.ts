/** What every command is given beside its arguments. */
import type { Machine } from './machine';
import type { Patience } from './patience';

export interface Surroundings {
  readonly machine: Machine;
  readonly patience: Patience;
  say(line: string): void;
  /** Why it did not do it. */
  complain(line: string): void;
}
