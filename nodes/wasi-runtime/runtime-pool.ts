/**
 * The runtimes of all wasi-runtime nodes. Nodes whose properties mean the same share one: two would fight for the devices
 * and need the memory twice. A runtime is closed when the last of its nodes leaves; until then any one of them
 * speaks for it in the log.
 */
import { existsSync } from 'node:fs';
import type { Node } from 'node-red';
import { configFingerprint } from '../../src/host-config/host-config-file';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import { hostConfigPath } from '../../src/host-config/load-host-config';
import { pluginFolder } from '../../src/runtime-api/plugin-folder';
import type { LogLine, OpenRuntime, RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { SharedRuntime } from '../shared-runtime';

export type PooledOptions = Omit<RuntimeOptions, 'log'>;

export interface PooledRuntime {
  readonly runtime: SharedRuntime;
  /** Of the node that joined, when it closes. Rejects where the runtime could not be closed. */
  leave(): Promise<void>;
}

interface Shared {
  readonly runtime: SharedRuntime;
  readonly nodes: Set<Node>;
  /** One of the nodes, or the last that left. */
  speaker: Node;
}

export class RuntimePool {
  readonly #shared = new Map<string, Shared>();

  constructor(readonly openRuntime: OpenRuntime) {}

  join(node: Node, options: PooledOptions): PooledRuntime {
    const key = keyOf(options);
    const shared = this.#shared.get(key) ?? this.#make(node, options);
    this.#shared.set(key, shared);
    shared.nodes.add(node);
    return { runtime: shared.runtime, leave: () => this.#leave(key, shared, node) };
  }

  async #leave(key: string, shared: Shared, node: Node): Promise<void> {
    shared.nodes.delete(node);
    const [other] = shared.nodes;
    if (other !== undefined) {
      if (shared.speaker === node) shared.speaker = other;
      return;
    }
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
    await shared.runtime.close();
  }

  #make(node: Node, options: PooledOptions): Shared {
    const runtime = new SharedRuntime({
      open: async () => this.openRuntime({ ...options, log: (line) => writeLog(shared.speaker, line) }),
      hostToml: new HostTomlFile(options),
      pluginDir: pluginFolder(options),
      fingerprint: () => configFingerprint(options),
      warn: (text) => shared.speaker.warn(text),
    });
    const shared: Shared = { runtime, nodes: new Set(), speaker: node };
    return shared;
  }
}

/** The same for options that open the same runtime, whatever the paths in them look like. Holds a password. */
function keyOf(options: PooledOptions): string {
  const { configFile, configText, hardware, clusterPassword, userDir } = options;
  const path = hostConfigPath(options);
  // That a file is missing is an error only where somebody named it.
  const isNamed = path !== undefined && (configFile !== '' || existsSync(path));
  const config = path === undefined ? { configText } : { path, isNamed };
  return JSON.stringify([config, pluginFolder(options), hardware, clusterPassword, userDir]);
}

/** Without a message, `error` only logs: a guest's output does not set off the flow's catch nodes. */
function writeLog(node: Node, { level, plugin, text }: LogLine): void {
  const line = plugin === undefined ? text : `${plugin}: ${text}`;
  if (level === 'info') node.log(line);
  else node[level](line);
}
