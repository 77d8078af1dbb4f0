/**
 * The file of the register map that all gateways of a Node-RED share: opened with the first of them, closed with the last
 * one, which tries once more what could not be written. After a failure to open it the next gateway tries again.
 */
import { AllocationFile } from '../../src/modbus/allocation-file';

export interface RegisterMapLease {
  readonly allocation: AllocationFile;
  /** Called once, by whoever took the lease. */
  release(): Promise<void>;
}

export class SharedRegisterMap {
  #opened: Promise<AllocationFile> | undefined;
  #leases = 0;

  constructor(
    readonly path: string,
    readonly say: (level: 'info' | 'warn', text: string) => void,
  ) {}

  /** Throws MODBUS_FAILED. */
  async take(): Promise<RegisterMapLease> {
    this.#leases += 1;
    this.#opened ??= AllocationFile.open(this.path, this.say);
    const opened = this.#opened;
    try {
      const allocation = await opened;
      return { allocation, release: () => this.#release() };
    } catch (error) {
      await this.#release();
      if (this.#opened === opened) this.#opened = undefined;
      throw error;
    }
  }

  async #release(): Promise<void> {
    this.#leases -= 1;
    if (this.#leases > 0) return;
    const opened = this.#opened;
    this.#opened = undefined;
    // One that could not be opened has nothing to write.
    const allocation = await opened?.catch(() => undefined);
    await allocation?.close();
  }
}
