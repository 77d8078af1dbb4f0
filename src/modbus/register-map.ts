/**
 * The register map for people and programs: as the node's message has it, an entry for each field, and as CSV with every
 * register. Sensors are named by guests: a cell that a spreadsheet would take for a formula is quoted as text.
 */
import { CSV_LINE_END, csvField } from '../platform/csv-field';
import type { NodeBlocks } from './allocation';
import type { RegisterImage } from './register-image';
import { BLOCK_LIST, HEADER_LIST, type Register, type RegisterType, reference } from './register-layout';

export interface MapEntry {
  readonly unitId: number;
  /** Zero-based, of the float32. */
  readonly address: number;
  /** As a holding register: "40033". */
  readonly reference: string;
  readonly type: 'float32';
  readonly node: string;
  readonly plugin: string;
  readonly sensor: string;
  readonly field: string;
  readonly physicalUnit: string;
  /** What the int16 at `address` + 2 is multiplied with. */
  readonly scale: number;
}

export function registerMap(nodes: readonly NodeBlocks[], image: RegisterImage, ownNode: string): readonly MapEntry[] {
  return nodes.flatMap(({ node, blocks }) => {
    const unitId = image.unitIdOf(node);
    if (unitId === undefined) return [];
    return blocks.map(({ address, plugin, sensor, field, physicalUnit, scale }) => ({
      unitId,
      address,
      reference: reference(4, address),
      type: 'float32' as const,
      node: node ?? ownNode,
      plugin,
      sensor,
      field,
      physicalUnit,
      scale,
    }));
  });
}

const COLUMNS = [
  'unitId',
  'address',
  'holding',
  'input',
  'type',
  'node',
  'plugin',
  'sensor',
  'field',
  'register',
  'physicalUnit',
  'scale',
];

export function mapCsv(entries: readonly MapEntry[]): string {
  const nodes = new Map(entries.map(({ unitId, node }) => [unitId, node]));
  const headers = [...nodes].flatMap(([unitId, node]) =>
    HEADER_LIST.map((register) => row(unitId, register.offset, register, [node, '', '', ''], '', '')),
  );
  const fields = entries.flatMap((entry) => {
    const names = [entry.node, entry.plugin, entry.sensor, entry.field];
    return BLOCK_LIST.map((register) => {
      const scale = register.name === 'scaled' ? String(entry.scale) : '';
      const measured = register.name === 'value' || register.name === 'scaled' ? entry.physicalUnit : '';
      const unit = register.name === 'age' ? 's' : measured;
      return row(entry.unitId, entry.address + register.offset, register, names, unit, scale);
    });
  });
  return `${[COLUMNS, ...headers, ...fields].map((cells) => cells.map(csvField).join(',')).join(CSV_LINE_END)}${CSV_LINE_END}`;
}

function row(
  unitId: number,
  address: number,
  { type, name }: { readonly type: RegisterType; readonly name: Register['name'] },
  names: readonly string[],
  physicalUnit: string,
  scale: string,
): string[] {
  const references = [reference(4, address), reference(3, address)];
  return [String(unitId), String(address), ...references, type, ...names, name, physicalUnit, scale];
}
