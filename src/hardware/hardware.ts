/**
 * The devices as the rest of the house sees them, whichever machine is below. Every backend (simulated, Raspberry Pi,
 * RevPi) implements this interface and lives in the device thread; guests and the runtime reach it through
 * `device-thread.ts`. Arguments are checked by whoever grants them (capabilities/): a backend
 * may trust their types but not that the device is there.
 *
 * Every method rejects with a WasiError: HARDWARE_MISSING (no such device), HARDWARE_PERMISSION (it may not be opened),
 * HARDWARE_IO (it did not answer as it should).
 */

/** Room sensor AM2302 (DHT22). */
export interface Dht22Measurement {
  /** °C, −40 to 80, steps of 0.1. */
  readonly temperature: number;
  /** % relative humidity, 0 to 100, steps of 0.1. */
  readonly humidity: number;
}

/** Environmental sensor Bosch BME680, compensated. */
export interface Bme680Measurement {
  /** °C, −40 to 85. */
  readonly temperature: number;
  /** % relative humidity, 0 to 100. */
  readonly humidity: number;
  /** hPa, 300 to 1100. */
  readonly pressure: number;
  /** kΩ. */
  readonly gasResistance: number;
}

/** What is to be added to what a sensor measures before anybody sees it; 0: nothing. */
export interface SensorOffsets {
  /** °C. */
  readonly temperature: number;
  /** % relative humidity. */
  readonly humidity: number;
}

export interface MemoryUsage {
  /** MiB. */
  readonly usedMb: number;
  /** MiB. */
  readonly totalMb: number;
}

export type ProcessImageValue =
  | { readonly tag: 'bit'; readonly val: boolean }
  | { readonly tag: 'unsigned'; readonly val: number }
  | { readonly tag: 'signed'; readonly val: number };

export interface Hardware {
  /** `pin` is a BCM number. Concurrent callers share one read; the sensor itself allows one every 2 s. */
  readDht22(pin: number): Promise<Dht22Measurement>;
  /** `address` 0x76 or 0x77. */
  readBme680(bus: number, address: number): Promise<Bme680Measurement>;
  /** A combined write-then-read; either part may be empty (0 bytes). 7-bit `address`. */
  i2cTransfer(bus: number, address: number, write: Uint8Array, readLength: number): Promise<Uint8Array>;
  /** Full duplex: as many bytes come back as went out. */
  spiTransfer(bus: number, chipSelect: number, data: Uint8Array): Promise<Uint8Array>;
  /** At most `maxLength` bytes, fewer or none when `timeoutMs` passes first. `port` is a path such as /dev/ttyAMA0. */
  uartRead(port: string, maxLength: number, timeoutMs: number): Promise<Uint8Array>;
  uartWrite(port: string, data: Uint8Array): Promise<number>;
  uartSetBaud(port: string, baudRate: number): Promise<void>;
  /** Starts `count` beeps of `durationMs`, `intervalMs` apart, and returns at once; a newer pattern replaces it. */
  beep(count: number, durationMs: number, intervalMs: number): Promise<void>;
  setFan(on: boolean): Promise<void>;
  fanState(): Promise<boolean>;
  /** °C of the processor. */
  cpuTemperature(): Promise<number>;
  memoryUsage(): Promise<MemoryUsage>;
  /** Share of all cores in use since the last call, %, 0 to 100. */
  cpuUsage(): Promise<number>;
  /** Seconds since the machine started. */
  uptimeSeconds(): Promise<number>;
  processImageNames(): Promise<readonly string[]>;
  processImageRead(name: string): Promise<ProcessImageValue>;
  processImageWrite(name: string, value: ProcessImageValue): Promise<void>;
  /** The whole strip at once: three bytes (R, G, B) an LED, before brightness. */
  writeLeds(colors: Uint8Array): Promise<void>;
  /** Changes the simulated world, whole or not at all, and tells how it is then. HARDWARE_MISSING on a real machine. */
  simulate(changes: WorldChanges): Promise<WorldNow>;
  /** Releases every line and file, relays off, strip dark. Idempotent. */
  close(): Promise<void>;
}

/** What may be asked over the channel to the device thread: everything but its end, which its owner alone calls. */
export type DeviceMethod = Exclude<keyof Hardware, 'close'>;

export type DeviceArguments<M extends DeviceMethod> = Parameters<Hardware[M]>;
export type DeviceResult<M extends DeviceMethod> = Awaited<ReturnType<Hardware[M]>>;

/** Which backend, and why: the reason is what a node's status shows. */
export type HardwareChoice =
  | { readonly kind: 'simulated'; readonly because: string }
  | { readonly kind: 'raspberry-pi'; readonly model: string }
  | { readonly kind: 'revpi'; readonly model: string };

export interface LedSettings {
  readonly count: number;
  /** 0–255. */
  readonly brightness: number;
  readonly driver: 'spi' | 'none';
  /** What the strip shows once the backend is closed: nothing, or what it showed last. */
  readonly onClose: 'dark' | 'keep';
}

/** What a backend needs of host.toml and of its surroundings; plain data, as it crosses to the device thread. */
export interface HardwareSettings {
  readonly dht22Pin: number;
  readonly bme680: { readonly bus: number; readonly address: number };
  readonly leds: LedSettings;
  readonly buzzerPin: number;
  readonly fanPin: number;
  /** Folders below whose node_modules the user may have installed optional drivers. */
  readonly moduleFolders: readonly string[];
  readonly simulation: SimulationSettings;
}

/** value(t) = mean + amplitude · sin(2πt / periodS) + noise · N(0, 1). */
export interface Signal {
  readonly mean: number;
  readonly amplitude: number;
  readonly periodS: number;
  readonly noise: number;
}

export interface SimulationSettings {
  /** °C */
  readonly dht22Temperature: Signal;
  /** % */
  readonly dht22Humidity: Signal;
  /** °C */
  readonly cpuTemperature: Signal;
  /** °C */
  readonly bme680Temperature: Signal;
  /** % */
  readonly bme680Humidity: Signal;
  /** hPa */
  readonly bme680Pressure: Signal;
  /** kΩ */
  readonly bme680GasResistance: Signal;
  /** Share of DHT22 reads whose checksum fails, 0–1. */
  readonly dht22FailureRate: number;
  readonly seed: number;
}

/** What is to be other than it is; what is left out stays. */
export interface WorldChanges {
  readonly simulation: Partial<SimulationSettings>;
  readonly fan?: boolean;
  /** One tone of so many ms, 1 to 60 000; 0: silence. */
  readonly buzzerMs?: number;
}

/** The world at one moment: signals in their own units, and what plugins and the flow made of buzzer, fan and display. */
export interface WorldNow {
  readonly values: { readonly [Name in keyof SimulationSettings]: number };
  readonly buzzerOn: boolean;
  readonly fanOn: boolean;
  /** What the display on the I²C bus shows, line by line, each character two pixels one above the other. Missing: it is dark. */
  readonly display?: readonly string[];
}
