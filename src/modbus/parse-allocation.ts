/**
 * The text of the file that keeps the allocation, version 1. Anyone may have written what is read, so each value is
 * checked; the first that is wrong ends in an Error that names it. The order of lists is what they mean.
 */
import { type Block, MAX_NAME_LENGTH, MAX_OTHER_NODES, type NodeBlocks } from './allocation';
import { BLOCK_REGISTERS, END_OF_BLOCKS, FIRST_BLOCK } from './register-layout';

const VERSION = 1;
const MAX_SCALE = 65_535;

export function allocationText(nodes: readonly NodeBlocks[]): string {
  const listed = nodes.map(({ node, blocks }) => ({ node: node ?? null, blocks }));
  return `${JSON.stringify({ version: VERSION, nodes: listed }, null, 1)}\n`;
}

/** This node first. */
export function parseAllocation(text: string): readonly NodeBlocks[] {
  const file = record(JSON.parse(text), 'the file');
  if (file['version'] !== VERSION) throw wrong('version', file['version'], String(VERSION));
  const nodes = list(file['nodes'], 'nodes').map((entry, index) => nodeBlocks(entry, `nodes[${index}]`));
  if (nodes.length === 0 || nodes.length > MAX_OTHER_NODES + 1) throw wrong('nodes', nodes.length, 'a list of 1 to 32');
  const names = new Set(nodes.map(({ node }) => node));
  if (names.size !== nodes.length) throw new Error('nodes: one of them is there twice');
  if (nodes[0]?.node !== undefined) throw wrong('nodes[0].node', nodes[0]?.node, 'null, for this node itself');
  return nodes;
}

function nodeBlocks(value: unknown, where: string): NodeBlocks {
  const entry = record(value, where);
  const name = entry['node'];
  const blocks = list(entry['blocks'], `${where}.blocks`).map((block, index) => {
    return blockOf(block, `${where}.blocks[${index}]`);
  });
  let end = FIRST_BLOCK;
  const fields = new Set<string>();
  for (const { address, plugin, sensor, field } of blocks) {
    if (address < end) throw wrong(`${where}, block of ${field}`, address, `an address of at least ${end}`);
    end = address + BLOCK_REGISTERS;
    const place = JSON.stringify([plugin, sensor, field]);
    if (fields.has(place)) throw new Error(`${where}: ${place} is there twice`);
    fields.add(place);
  }
  return { node: name === null ? undefined : text(name, `${where}.node`), blocks };
}

function blockOf(value: unknown, where: string): Block {
  const entry = record(value, where);
  const address = whole(entry['address'], `${where}.address`, FIRST_BLOCK, END_OF_BLOCKS - BLOCK_REGISTERS);
  if ((address - FIRST_BLOCK) % BLOCK_REGISTERS !== 0) throw wrong(`${where}.address`, address, 'the start of a block');
  return Object.freeze({
    address,
    plugin: text(entry['plugin'], `${where}.plugin`),
    sensor: text(entry['sensor'], `${where}.sensor`),
    field: text(entry['field'], `${where}.field`),
    physicalUnit: text(entry['physicalUnit'], `${where}.physicalUnit`),
    scale: whole(entry['scale'], `${where}.scale`, 1, MAX_SCALE),
  });
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, value, 'an object');
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, value, 'a list');
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.length > MAX_NAME_LENGTH) throw wrong(where, value, 'a short text');
  return value;
}

function whole(value: unknown, where: string, lowest: number, highest: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw wrong(where, value, `a whole number from ${lowest} to ${highest}`);
}

function wrong(where: string, value: unknown, expected: string): Error {
  return new Error(`${where} must be ${expected}, not ${String(JSON.stringify(value)).slice(0, 60)}`);
}
