/**
 * The text of host.toml → one complete, frozen HostConfig. Throws CONFIG_INVALID with everything that is wrong; what is
 * merely unknown becomes a warning of the result. Pure: where the text comes from, and what the machine is called, is
 * passed in. The size is bounded, since the text is parsed on Node-RED's event loop.
 */

import { readCluster } from './cluster-table';
import { deepFreeze } from './deep-freeze';
import { readDevices } from './device-tables';
import type { HostConfig } from './host-config';
import { readLimits, readLogging, readPolling } from './host-tables';
import { KeyLines } from './key-lines';
import { parseToml } from './parse-toml';
import { readPlugins } from './plugin-tables';
import { ConfigInvalid, type ConfigProblem, type ConfigWarning, configInvalid, Problems } from './problems';
import { readSimulation } from './simulation-table';
import { TableReader } from './table-reader';

export interface ConfigFindings {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigWarning[];
}

interface ReadConfig extends Omit<HostConfig, 'source' | 'warnings'> {
  readonly warnings: readonly ConfigWarning[];
}

export interface Machine {
  /** What the node is called unless `[cluster] node_id` says otherwise. */
  readonly hostName: string;
}

/** Three hundred plugins with their settings fit, and it is parsed within Node-RED's 20 ms. */
export const MAX_CONFIG_BYTES = 64 * 2 ** 10;

/** `source` is what messages call the text: a path, "inline" or "built-in defaults". */
export function parseHostConfig(text: string, source: string, machine: Machine): HostConfig {
  const { warnings, ...config } = read(text, source, machine);
  return deepFreeze({ source, warnings: warnings.map((warning) => warning.text), ...config });
}

/** What is wrong and what is odd, for an editor; at most one of the two. Never throws. */
export function checkHostConfig(text: string): ConfigFindings {
  try {
    return { problems: [], warnings: read(text, 'host.toml', { hostName: 'host' }).warnings };
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    const problems = error.problems.length > 0 ? error.problems : [{ line: 1, text: error.message }];
    return { problems, warnings: [] };
  }
}

function read(text: string, source: string, machine: Machine): ReadConfig {
  const length = Buffer.byteLength(text);
  if (length > MAX_CONFIG_BYTES) {
    throw configInvalid(`${source}: expected at most ${MAX_CONFIG_BYTES} bytes, found ${length}`);
  }
  const values = parseToml(text, source);
  const problems = new Problems(source, new KeyLines(text));
  const root = new TableReader(problems, [], values);
  const config = readRoot(root, machine);
  // The modbus-gateway node reads its settings from its own properties.
  root.has('modbus');
  root.warnOfUnknownKeys();
  problems.throwIfAny();
  return { warnings: problems.warnings(), ...config };
}

function readRoot(root: TableReader, { hostName }: Machine): Omit<HostConfig, 'source' | 'warnings'> {
  const devices = readDevices(root);
  const limits = readLimits(root.table('limits'));
  return {
    polling: readPolling(root.table('polling')),
    ...devices,
    logging: readLogging(root.table('logging')),
    plugins: readPlugins(root.table('plugins'), { devices, limits }),
    defaultLimits: limits,
    simulation: readSimulation(root.table('simulation')),
    cluster: readCluster(root.table('cluster'), hostName),
  };
}
