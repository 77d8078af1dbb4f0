/** Requests of one gateway that were carried out or refused, over all of its servers. Frames for other units do not count. */

const EXCEPTION_BIT = 0x80;

export class RequestCounts {
  #requests = 0;
  /** By the exception code of Modbus. */
  readonly #exceptions = new Map<number, number>();

  get requests(): number {
    return this.#requests;
  }

  get exceptions(): ReadonlyMap<number, number> {
    return this.#exceptions;
  }

  /** `response`: a PDU, also of a broadcast, which nobody is sent. */
  add(response: Buffer): void {
    this.#requests += 1;
    const [functionCode = 0, exception = 0] = response;
    if ((functionCode & EXCEPTION_BIT) !== 0)
      this.#exceptions.set(exception, (this.#exceptions.get(exception) ?? 0) + 1);
  }
}
