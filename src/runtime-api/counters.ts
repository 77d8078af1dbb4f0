/**
 * What a runtime has counted since it was opened, beside what a plugin's summary says: for /metrics. Counts of a plugin begin
 * again where its part of host.toml changed, those of a gateway when its node is deployed.
 */

import type { DropTotals } from '../readings/dropped-sensors';

/** By the code of the error. */
export type CountsByCode = Readonly<Record<string, number>>;

export interface RuntimeCounts {
  readonly plugins: readonly PluginTotals[];
  readonly leds: LedTotals;
  readonly gateways: readonly GatewayTotals[];
  readonly guestProcesses: GuestProcessTotals;
  /** Of every node, sensors that are not among the newest readings any more; a plugin that is gone is not among these. */
  readonly droppedSensors: readonly DropTotals[];
}

/** Of the processes in which guests run, which all runtimes of a Node-RED share. */
export interface GuestProcessTotals {
  /** Their process ids. */
  readonly pids: readonly number[];
  /** Guests in them, also those that were told to end and are not gone yet. */
  readonly threads: number;
  /** How often one ended by itself, or was killed because of what it did. */
  readonly ends: number;
}

export interface PluginTotals {
  readonly plugin: string;
  /** Calls of its guests, and how long they took together. */
  readonly calls: number;
  readonly callMs: number;
  /** A fresh instance of the same component took the place of one that was lost, or was asked for. */
  readonly restarts: number;
  /** Another component took over. */
  readonly reloads: number;
  /** Only what was called. */
  readonly deviceCalls: readonly DeviceCallTotals[];
}

export interface DeviceCallTotals {
  /** `read_dht22`, `i2c_transfer`: one of a fixed list. */
  readonly call: string;
  readonly calls: number;
  readonly failuresByCode: CountsByCode;
}

export interface LedTotals {
  /** Of the whole strip, that succeeded. */
  readonly writes: number;
  readonly failuresByCode: CountsByCode;
}

export interface GatewayTotals {
  readonly transport: 'tcp' | 'rtu';
  /** `127.0.0.1:1502`, or the path of the serial port; `auto` for the first of the RevPi's. */
  readonly address: string;
  readonly isServing: boolean;
  readonly clients: number;
  /** That were carried out or refused with an exception. */
  readonly requests: number;
  /** By the exception code of Modbus. */
  readonly exceptionsByCode: CountsByCode;
}
