/** The properties of modbus-gateway, read once into the gateway's settings. Throws CONFIG_INVALID. */
import type { NodeDef } from 'node-red';
import type { WordOrder } from '../../src/modbus/encoding';
import type { GatewaySettings } from '../../src/modbus/gateway';
import type { Transport } from '../../src/modbus/open-server';
import { MAX_UNIT_ID } from '../../src/modbus/register-image';
import type { Parity } from '../../src/modbus/serial-line';
import { MAX_POINTS, type WritablePoint } from '../../src/modbus/writable-points';
import { choiceProperty, textProperty, wholeProperty, wrong } from '../node-properties';

export interface ModbusGatewayDef extends NodeDef {
  readonly runtime?: unknown;
  readonly transport?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly serialPort?: unknown;
  readonly baudRate?: unknown;
  readonly parity?: unknown;
  readonly unitId?: unknown;
  readonly wordOrder?: unknown;
  readonly staleAfter?: unknown;
  readonly writable?: unknown;
}

const TRANSPORTS: readonly Transport['kind'][] = ['tcp', 'rtu'];
const PARITIES: readonly Parity[] = ['even', 'odd', 'none'];
const WORD_ORDERS: readonly WordOrder[] = ['ABCD', 'CDAB'];
const KINDS: readonly WritablePoint['kind'][] = ['coil', 'register'];

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 1502;
const MAX_PORT = 65_535;
const DEFAULT_BAUD = 19_200;
const LOWEST_BAUD = 300;
const HIGHEST_BAUD = 4_000_000;
const DEFAULT_STALE_SECONDS = 60;
/** What the age of a value can say. */
const MAX_STALE_SECONDS = 65_534;
const MAX_ADDRESS = 65_535;

export function readSettings(def: ModbusGatewayDef): GatewaySettings {
  return {
    transport: transportOf(def),
    unitId: wholeProperty('unitId', def.unitId, 1, MAX_UNIT_ID, 1),
    wordOrder: choiceProperty('wordOrder', def.wordOrder, WORD_ORDERS, 'ABCD'),
    staleAfterSeconds: wholeProperty('staleAfter', def.staleAfter, 1, MAX_STALE_SECONDS, DEFAULT_STALE_SECONDS),
    writable: writablePoints(def.writable),
  };
}

function transportOf(def: ModbusGatewayDef): Transport {
  if (choiceProperty('transport', def.transport, TRANSPORTS, 'tcp') === 'tcp') {
    const host = textProperty('host', def.host, DEFAULT_HOST).trim();
    const port = wholeProperty('port', def.port, 0, MAX_PORT, DEFAULT_PORT);
    return { kind: 'tcp', host: host === '' ? DEFAULT_HOST : host, port };
  }
  return {
    kind: 'rtu',
    path: textProperty('serialPort', def.serialPort, '').trim(),
    baudRate: wholeProperty('baudRate', def.baudRate, LOWEST_BAUD, HIGHEST_BAUD, DEFAULT_BAUD),
    parity: choiceProperty('parity', def.parity, PARITIES, 'even'),
  };
}

function writablePoints(value: unknown): readonly WritablePoint[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value) || value.length > MAX_POINTS) {
    throw wrong('writable', value, `a list of at most ${MAX_POINTS} {address, kind, topic}`);
  }
  return value.map((point: unknown, index) => pointOf(point, `writable[${index}]`));
}

function pointOf(value: unknown, where: string): WritablePoint {
  if (typeof value !== 'object' || value === null) throw wrong(where, value, '{address, kind, topic}');
  const point: Readonly<Record<string, unknown>> = { ...value };
  const { address, kind, topic } = point;
  if (address === undefined || address === '') throw wrong(`${where}.address`, address, 'the zero-based address');
  if (kind === undefined || kind === '') throw wrong(`${where}.kind`, kind, '"coil" or "register"');
  return {
    address: wholeProperty(`${where}.address`, address, 0, MAX_ADDRESS, 0),
    kind: choiceProperty(`${where}.kind`, kind, KINDS, 'coil'),
    topic: textProperty(`${where}.topic`, topic, ''),
  };
}
