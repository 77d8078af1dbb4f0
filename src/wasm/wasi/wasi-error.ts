/** How a host function returns the error side of a WIT `result` to jco's glue: by throwing something with a `payload`. */
export class ResultError extends Error {
  readonly payload: unknown;

  constructor(payload: unknown) {
    super(typeof payload === 'string' ? payload : JSON.stringify(payload));
    // The glue looks for an own property, so a getter or a prototype's field would not do.
    this.payload = payload;
  }
}

/** The guest asked to end its process. Its instance cannot be used any more. */
export class GuestExit extends Error {
  constructor(readonly status: number) {
    super(`it ended itself (exit status ${status})`);
  }
}
