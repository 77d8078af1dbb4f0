/** Units as requests see them: the register image of each, and in this node's own unit the points that may be written. */
import type { AddressedUnit, WriteOutcome } from './pdu';
import type { RegisterImage } from './register-image';
import type { UnitImage } from './unit-image';
import type { WritablePoints } from './writable-points';

const REGISTER_BYTES = 2;

export class Units {
  constructor(
    readonly image: RegisterImage,
    readonly points: WritablePoints,
  ) {}

  find(unitId: number): AddressedUnit | undefined {
    if (unitId === this.image.settings.unitId) return this.own;
    const image = this.image.image(unitId);
    return image && readOnly(image);
  }

  get own(): AddressedUnit {
    const image = this.image.image(this.image.settings.unitId);
    const { points } = this;
    return {
      readRegisters: (address, quantity) => this.#readRegisters(image, address, quantity),
      readCoils: (address, quantity) => points.readCoils(address, quantity),
      writeRegisters: (address, values) => points.writeRegisters(address, values),
      writeCoils: (address, values) => points.writeCoils(address, values),
    };
  }

  /** Mostly one slice of the image; register by register only where a range touches points. */
  #readRegisters(image: UnitImage | undefined, address: number, quantity: number): Buffer | undefined {
    const slice = image?.read(address, quantity);
    if (slice !== undefined) return slice;
    const bytes = Buffer.alloc(quantity * REGISTER_BYTES);
    for (let index = 0; index < quantity; index += 1) {
      const at = address + index;
      const value = this.points.register(at) ?? image?.read(at, 1)?.readUInt16BE(0);
      if (value === undefined) return undefined;
      bytes.writeUInt16BE(value, index * REGISTER_BYTES);
    }
    return bytes;
  }
}

function readOnly(image: UnitImage): AddressedUnit {
  const refused = (): WriteOutcome => 'illegal-address';
  return {
    readRegisters: (address, quantity) => image.read(address, quantity),
    readCoils: () => undefined,
    writeRegisters: refused,
    writeCoils: refused,
  };
}
