/**
 * The grants table that lets a plugin import what it was refused, for the message that refuses it: one whole table, since
 * TOML takes no second one and a written table replaces what a bundled plugin's other tables imply. What is granted
 * already stays in it. New values are examples of the right form: which address or device a sensor hangs on, only the
 * administrator knows.
 */
import { pluginTable } from '../errors/toml-plugin-header';
import type { Grants } from './host-config';
import { EXAMPLE, gpioLine, i2cLine, processImageLine, spiLine, uartLine } from './written-grants';

interface GrantLine {
  /** The interface that needs it to be imported, by its name alone; none for a grant that is only asked for at a call. */
  readonly interface?: string;
  readonly example?: string;
  /** undefined: nothing of it is granted. */
  written(granted: Grants): string | undefined;
}

const LINES: readonly GrantLine[] = [
  { written: ({ gpio }) => (gpio.length > 0 ? gpioLine(gpio) : undefined) },
  {
    interface: 'i2c',
    example: `i2c = ["${EXAMPLE.i2c}"]`,
    written: ({ i2c }) => (i2c.length > 0 ? i2cLine(i2c) : undefined),
  },
  { interface: 'buzzer-controller', example: 'buzzer = true', written: ({ buzzer }) => flag('buzzer', buzzer) },
  { interface: 'fan-controller', example: 'fan = true', written: ({ fan }) => flag('fan', fan) },
  {
    interface: 'system-info',
    example: 'system_info = true',
    written: ({ systemInfo }) => flag('system_info', systemInfo),
  },
  {
    interface: 'state-store',
    example: 'state_store = true',
    written: ({ stateStore }) => flag('state_store', stateStore),
  },
  {
    interface: 'spi',
    example: `spi = ["${EXAMPLE.spi}"]`,
    written: ({ spi }) => (spi.length > 0 ? spiLine(spi) : undefined),
  },
  {
    interface: 'uart',
    example: `uart = ["${EXAMPLE.uart}"]`,
    written: ({ uart }) => (uart.length > 0 ? uartLine(uart) : undefined),
  },
  {
    interface: 'process-image',
    example: `process_image = { read = ["${EXAMPLE.read}"], write = ["${EXAMPLE.write}"] }`,
    written: ({ processImage }) =>
      processImage.read.length + processImage.write.length > 0 ? processImageLine(processImage) : undefined,
  },
];

/** Interfaces as `i2c` or `edge:plugin/i2c@1.0.0`. Empty where no line of host.toml grants any of them. */
export function grantLines(pluginName: string, interfaces: readonly string[], granted: Grants): string {
  const wanted = new Set(interfaces.map((name) => name.replace(/^.*\//, '').replace(/@.*$/, '')));
  if (!LINES.some((line) => line.interface !== undefined && wanted.has(line.interface))) return '';
  const lines = LINES.flatMap((line) => {
    const missing = line.interface !== undefined && wanted.has(line.interface) ? line.example : undefined;
    return line.written(granted) ?? missing ?? [];
  });
  return [pluginTable(pluginName, 'grants'), ...lines].join('\n');
}

/** The body of the grants table that says what is granted now; "" where nothing is. */
export function grantsBody(granted: Grants): string {
  return LINES.flatMap((line) => line.written(granted) ?? []).join('\n');
}

/** What of an interface (`i2c`) is granted, as a line of the grants table; undefined: nothing of it needs to be, or is. */
export function grantedLine(name: string, granted: Grants): string | undefined {
  return LINES.find((line) => line.interface === name)?.written(granted);
}

function flag(key: string, granted: boolean): string | undefined {
  return granted ? `${key} = true` : undefined;
}
