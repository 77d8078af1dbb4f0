/**
 * Variables of the process image by their PiCtory name. What a variable is (input or output, its sign, its module) is
 * PiCtory's file's to say, where it is the driver's: the driver reads that file only when it is started, so that after a
 * change in PiCtory the two differ until then, and a value would be written somewhere else. Where they differ nothing is
 * read or written. Where the file cannot be read, module and direction follow from the driver's list of modules.
 *
 * Rejects with HARDWARE_MISSING (no such variable, with the nearest names), HARDWARE_PERMISSION, and HARDWARE_IO: an
 * input was to be written, a value does not fit, a module is offline (the driver would give its last or default values),
 * the PiBridge does not run.
 */
import { WasiError } from '../../errors/wasi-error';
import { nearestKeys } from '../../platform/closest-match';
import type { ProcessImageValue } from '../hardware';
import { isSigned, type Variable } from './config-rsc';
import type { Configuration, ConfigurationFile } from './configuration-file';
import type { OpenImage, PiControl } from './picontrol';
import type { Module, Place } from './picontrol-abi';
import { byteLength, decodeValue, encodeBit, encodeNumber } from './variable-value';

const NAMES_SHOWN = 3;
/** Types of modules whose state counts: DIO, DI, DO, AIO, MIO, RO (common_define.h). Others have none, or a fieldbus's. */
const IO_MODULES: readonly number[] = [96, 97, 98, 103, 118, 137];
const OFFLINE = 0;

export class ProcessImage {
  readonly #file: ConfigurationFile;
  readonly #control: PiControl;

  constructor(file: ConfigurationFile, control: PiControl) {
    this.#file = file;
    this.#control = control;
  }

  /** In the order of the image. Rejects with HARDWARE_IO where PiCtory's file cannot be read: the driver has no list. */
  async names(): Promise<readonly string[]> {
    const configuration = await this.#file.current();
    if (configuration.kind === 'unreadable') throw new WasiError('HARDWARE_IO', configuration.because);
    const all = [...configuration.config.variables.values()];
    return all.sort((a, b) => a.address - b.address || a.bit - b.bit).map(({ name }) => name);
  }

  async read(name: string): Promise<ProcessImageValue> {
    const configuration = await this.#file.current();
    return this.#control.use((image) => {
      const variable = variableOf(name, configuration, image);
      assertOnline(variable, image.modules());
      return decodeValue(variable, image.read(variable.address, byteLength(variable.bits)));
    });
  }

  async write(name: string, value: ProcessImageValue): Promise<void> {
    const configuration = await this.#file.current();
    this.#control.use((image) => {
      const variable = variableOf(name, configuration, image);
      assertOutput(variable);
      assertOnline(variable, image.modules());
      // A bit shares its byte with others, which some other program may be changing now.
      if (variable.bits === 1) image.setBit(variable.address, variable.bit, encodeBit(variable, value));
      else image.write(variable.address, encodeNumber(variable, value));
    });
  }
}

function variableOf(name: string, configuration: Configuration, image: OpenImage): Variable {
  const place = image.find(name);
  if (configuration.kind === 'unreadable') {
    if (place !== undefined) return byDriver(name, place, image.modules());
    throw new WasiError('HARDWARE_MISSING', `the driver knows no variable ${name}, and ${configuration.because}`);
  }
  const { variables } = configuration.config;
  const planned = variables.get(name);
  if (planned === undefined) throw unknownName(name, [...variables.keys()]);
  if (place === undefined || !isAt(planned, place)) {
    throw new WasiError(
      'HARDWARE_IO',
      `PiCtory's configuration was changed, and the driver still uses the one before (${name} is elsewhere there): choose Tools, Reset Driver in PiCtory, or run \`piTest -x\``,
    );
  }
  return planned;
}

function isAt({ address, bit, bits }: Variable, place: Place): boolean {
  return place.address === address && place.bits === bits && (bits !== 1 || place.bit === bit);
}

/** Every byte that is no input and no output of a module is its configuration. */
function byDriver(name: string, { address, bit, bits }: Place, modules: readonly Module[]): Variable {
  for (const module of modules) {
    for (const [direction, range] of [
      ['input', module.inputs],
      ['output', module.outputs],
    ] as const) {
      if (address < range.offset || address >= range.offset + range.bytes) continue;
      const { position, type } = module;
      const signed = isSigned(type, direction, bits);
      return { name, direction, address, bit, bits, signed, module: { position, name: `module at ${position}` } };
    }
  }
  throw new WasiError('HARDWARE_IO', `${name} is no input and no output of a module that the driver has found`);
}

function assertOutput({ name, direction, module }: Variable): void {
  if (direction === 'output') return;
  const what = direction === 'input' ? 'an input' : 'a setting';
  throw new WasiError('HARDWARE_IO', `${name} is ${what} of ${module.name} and cannot be written; outputs can`);
}

function assertOnline({ name, module }: Variable, modules: readonly Module[]): void {
  const found = modules.find(({ position }) => position === module.position);
  const isOnline = found !== undefined && found.active !== 0;
  if (isOnline && !(IO_MODULES.includes(found.type) && found.state === OFFLINE)) return;
  throw new WasiError(
    'HARDWARE_IO',
    `${module.name} (position ${module.position}) is offline, so ${name} has no value: check its supply and plug; \`piTest -d\` shows the modules`,
  );
}

function unknownName(name: string, known: readonly string[]): WasiError {
  const nearest = nearestKeys(name, known, NAMES_SHOWN);
  const hint =
    nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : 'its name is what PiCtory shows, capitals included';
  return new WasiError('HARDWARE_MISSING', `PiCtory's configuration has no variable ${name}: ${hint}`);
}
