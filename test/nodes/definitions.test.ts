/** What a node is in the editor before its form is opened: where it stands, how it looks, what is wrong with it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';
import { definitions, TYPES } from './editor-pages';

const COLOUR = '#b7a5dd';
const defined = definitions();

function reasonOf(type: string, property: string, value: unknown): unknown {
  const { validate, label = '' } = defined.get(type)?.defaults[property] ?? {};
  assert.ok(validate !== undefined, `${type}.${property} has no validator`);
  assert.equal(validate.length, 2, 'Node-RED takes a text for a reason only from a validator with two parameters');
  return validate(value, { label });
}

describe('a node in the editor', () => {
  for (const type of TYPES) {
    it(`${type} stands with the others, in their colour, with an icon and words for all it has`, () => {
      const definition = defined.get(type);
      assert.ok(definition !== undefined);
      assert.equal(definition.color, COLOUR);
      for (const member of ['label', 'labelStyle'] as const)
        assert.equal(typeof definition[member], 'function', member);
      if (type === 'wasi-runtime') return assert.equal(definition.category, 'config');
      assert.equal(definition.category, 'edge wasi');
      for (const member of ['paletteLabel', 'outputLabels'] as const) {
        assert.equal(typeof definition[member], 'function', member);
      }
      assert.equal(typeof definition.inputLabels, definition.inputs === 0 ? 'undefined' : 'function');
      assert.ok(existsSync(join(REPOSITORY, 'icons', String(definition.icon))), definition.icon);
      return undefined;
    });

    it(`${type} calls each property that can be wrong by its name`, () => {
      for (const [name, property] of Object.entries(defined.get(type)?.defaults ?? {})) {
        const canBeWrong = property.required === true || property.validate !== undefined;
        if (canBeWrong) assert.match(String(property.label), /^\S/, name);
        assert.doesNotMatch(String(property.label), /node-red-wasi/, `${name} has no text`);
      }
    });
  }
});

describe('a property', () => {
  const wrong: readonly (readonly [type: string, property: string, value: unknown, reason: string])[] = [
    ['plugin-poll', 'every', '-1', 'Polls: a number of seconds above 0'],
    ['plugin-poll', 'every', 'often', 'Polls: a number of seconds above 0'],
    ...[' ', '0x10', '1e3'].flatMap((text) => [
      ['plugin-poll', 'every', text, 'Polls: a number of seconds above 0'] as const,
      ['modbus-gateway', 'port', text, 'Port: a whole number from 0 to 65535'] as const,
      ['modbus-gateway', 'baudRate', text, 'Baud: a whole number from 300 to 4000000'] as const,
      ['modbus-gateway', 'unitId', text, 'Unit id: a whole number from 1 to 247'] as const,
      ['modbus-gateway', 'staleAfter', text, 'Max. age: a whole number from 1 to 65534'] as const,
    ]),
    ['dashboard', 'path', 'wasi', 'Path: begins with / (or is empty)'],
    ['modbus-gateway', 'port', '70000', 'Port: a whole number from 0 to 65535'],
    ['modbus-gateway', 'unitId', 0, 'Unit id: a whole number from 1 to 247'],
    ['modbus-gateway', 'baudRate', 1.5, 'Baud: a whole number from 300 to 4000000'],
    ['modbus-gateway', 'staleAfter', 'x', 'Max. age: a whole number from 1 to 65534'],
    ...[3, ' ', '0x40', '1e3'].map(
      (address) =>
        [
          'modbus-gateway',
          'writable',
          [{ kind: 'register', address, topic: '' }],
          'Clients may write: each needs a free address: coils 0 to 65535, registers 32 to 65535',
        ] as const,
    ),
  ];
  for (const [type, property, value, reason] of wrong) {
    it(`that is wrong says why: ${type}.${property} = ${JSON.stringify(value)}`, () => {
      assert.equal(reasonOf(type, property, value), reason);
    });
  }

  const right: readonly (readonly [type: string, property: string, value: unknown])[] = [
    ['plugin-poll', 'every', ''],
    ['plugin-poll', 'every', 'host'],
    ['plugin-poll', 'every', '0.5'],
    ['dashboard', 'path', ''],
    ['dashboard', 'path', '/wasi'],
    ['modbus-gateway', 'port', '1502'],
    ['modbus-gateway', 'unitId', ''],
    ['modbus-gateway', 'writable', [{ kind: 'coil', address: 3, topic: '' }]],
  ];
  for (const [type, property, value] of right) {
    it(`that is right is taken: ${type}.${property} = ${JSON.stringify(value)}`, () => {
      assert.equal(reasonOf(type, property, value), true);
    });
  }
});
