/** Why a command did not do what it was told, and what to do about it: printed as it is, with exit code 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    message: string,
    /** Lines to type, or to read on. */
    readonly next: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
