/**
 * The server of a transport over the same units. What a request to a unit that is not there gets differs: TCP clients
 * exception 0x0B (Modbus Application Protocol V1.1b3, section 7), masters on a line silence, as another device may be the
 * one that is meant (Modbus over Serial Line V1.02, 2.2).
 */
import type { WasiError } from '../errors/wasi-error';
import { answerPdu, EXCEPTION, exceptionResponse } from './pdu';
import type { RequestCounts } from './request-counts';
import { RtuServer } from './rtu-server';
import { type LineSettings, openSerialLine } from './serial-line';
import { TcpServer } from './tcp-server';
import type { Units } from './units';

export interface TcpSettings {
  readonly kind: 'tcp';
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface RtuSettings extends LineSettings {
  readonly kind: 'rtu';
}

export type Transport = TcpSettings | RtuSettings;

export interface ServerSurroundings {
  readonly units: Units;
  readonly counts: RequestCounts;
  /** ms that only go forward. */
  now(): number;
  /** It serves no longer, through no wish of ours. */
  onLost(error: WasiError): void;
}

export interface OpenServer {
  readonly port: number | undefined;
  /** Connections, or masters that asked lately. */
  clients(): number;
  close(): Promise<void>;
}

/** The one master of a line counts as a client for so long after it asked. */
const MASTER_GONE_MS = 10_000;
const BROADCAST = 0;
/** TCP clients address the device itself with 255, and may with 0 (Implementation Guide V1.0b, unit identifier). */
const THIS_DEVICE: ReadonlySet<number> = new Set([0, 255]);

/** Throws MODBUS_FAILED, and for a line HARDWARE_MISSING and HARDWARE_PERMISSION. */
export function openServer(transport: Transport, around: ServerSurroundings): Promise<OpenServer> {
  return transport.kind === 'tcp' ? openTcp(transport, around) : openRtu(transport, around);
}

async function openTcp({ host, port }: TcpSettings, around: ServerSurroundings): Promise<OpenServer> {
  const { units, counts, now, onLost } = around;
  const server = await TcpServer.open({
    host,
    port,
    now,
    onLost,
    answer: (unitId, pdu) => {
      const unit = THIS_DEVICE.has(unitId) ? units.own : units.find(unitId);
      const response =
        unit === undefined ? exceptionResponse(pdu.readUInt8(0), EXCEPTION.noTarget) : answerPdu(pdu, unit);
      counts.add(response);
      return response;
    },
  });
  return { port: server.port, clients: () => server.clients, close: () => server.close() };
}

async function openRtu(settings: RtuSettings, { units, counts, now, onLost }: ServerSurroundings): Promise<OpenServer> {
  let askedAt = -Infinity;
  let rtu: RtuServer | undefined;
  const line = await openSerialLine(settings, { onBytes: (bytes) => rtu?.onBytes(bytes), onLost });
  rtu = new RtuServer(
    line,
    settings.baudRate,
    (unitId) => units.find(unitId) !== undefined,
    (unitId, pdu) => {
      const unit = unitId === BROADCAST ? units.own : units.find(unitId);
      if (unit === undefined) return undefined;
      askedAt = now();
      const response = answerPdu(pdu, unit);
      counts.add(response);
      return response;
    },
  );
  const open = rtu;
  return {
    port: undefined,
    clients: () => Number(now() - askedAt < MASTER_GONE_MS),
    close: () => {
      open.close();
      return line.close();
    },
  };
}
