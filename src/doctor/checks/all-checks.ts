/** Every check, in the order in which they are shown: some are there once for each thing that host.toml asks for. */
import type { DoctorContext } from '../context';
import type { Check } from '../finding';
import { dht22 } from './dht22';
import { freeSpace, temporary, userDirectory } from './folders';
import { gpioChip, pins } from './gpio';
import { bme680, i2cBus } from './i2c';
import { architecture, board, container, isolation, node, system } from './machine';
import { heap, memory } from './memory';
import { enabledPlugins, pluginFiles } from './plugins';
import { serviceSandbox } from './sandbox';
import { processImage, serialPort, temperature } from './serial';
import { hostToml, koffi, user } from './setup';
import { coreClock, spi, strip } from './strip';
import { supply } from './supply';

export function allChecks({ configuration, container: { kind } }: DoctorContext): readonly Check[] {
  const needs = configuration.kind === 'read' ? configuration.needs : undefined;
  return [
    ...[board, ...(kind === 'none' ? [] : [container]), system, node, architecture, memory, temporary],
    ...[koffi, user, serviceSandbox, heap, userDirectory, hostToml],
    pins,
    gpioChip,
    ...(needs?.dht22Pins ?? []).map(dht22),
    ...(needs?.i2cBuses ?? []).map(i2cBus),
    bme680,
    strip,
    coreClock,
    ...(needs?.spi ?? []).map(({ bus, chipSelect }) => spi(bus, chipSelect)),
    ...(needs?.serialPorts ?? []).map(serialPort),
    ...[processImage, temperature, supply],
    ...[isolation, pluginFiles, enabledPlugins, freeSpace],
  ];
}
