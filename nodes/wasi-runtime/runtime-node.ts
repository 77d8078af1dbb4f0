/**
 * The wasi-runtime config node over a way to open a runtime, which tests replace. The node owns its runtime: opened in
 * the background when the node is made, closed when the node is, however many nodes use it. Closing is bounded below
 * the 15 s after which Node-RED goes on without us, so that a deploy tells what was not closed.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { WasiError } from '../../src/errors';
import { configFingerprint } from '../../src/host-config/host-config-file';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { LogLine, OpenRuntime, RuntimeOptions } from '../../src/runtime-api';
import { choiceProperty, textProperty } from '../node-properties';
import { asError } from '../node-red-errors';
import { type RuntimeSource, SharedRuntime } from '../shared-runtime';
import { serveAdmin } from './admin-routes';

interface WasiRuntimeDef extends NodeDef {
  readonly configSource?: unknown;
  readonly configFile?: unknown;
  readonly configText?: unknown;
  readonly pluginDir?: unknown;
  readonly hardware?: unknown;
}

/** Kept by Node-RED apart from flows, encrypted; in plain form only here. */
interface WasiRuntimeCredentials {
  readonly clusterPassword?: unknown;
}

interface WasiRuntimeNode extends Node<WasiRuntimeCredentials> {
  runtime: SharedRuntime;
}

const CLOSE_LIMIT_MS = 12_000;
const SOURCES: readonly RuntimeOptions['configSource'][] = ['file', 'inline'];
const HARDWARE: readonly RuntimeOptions['hardware'][] = ['auto', 'simulated', 'raspberry-pi', 'revpi'];

export function registerRuntimeNode(RED: NodeAPI, openRuntime: OpenRuntime): void {
  const wasiRuntime = function (this: WasiRuntimeNode, def: WasiRuntimeDef): void {
    RED.nodes.createNode(this, def);
    const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
    const options = triedOptions(def, this.credentials?.clusterPassword, userDir, (line) => writeLog(this, line));
    const runtime = new SharedRuntime(isOptions(options) ? sourceOf(options, openRuntime) : options);
    this.runtime = runtime;
    runtime.register({
      phaseChanged: () => {
        if (runtime.phase.kind === 'failed') this.error(runtime.phase.error.message);
      },
      runtimeEvent: () => undefined,
    });
    this.on('close', (done: () => void) => {
      closeWithin(CLOSE_LIMIT_MS, runtime)
        .catch((error: unknown) => this.warn(asError(error).message))
        .finally(done);
    });
  };
  RED.nodes.registerType<WasiRuntimeNode, WasiRuntimeDef, object, WasiRuntimeCredentials>('wasi-runtime', wasiRuntime, {
    credentials: { clusterPassword: { type: 'password' } },
  });
  serveAdmin(RED);
}

/** Its error where a property is wrong: the runtime then fails to open with it. */
function triedOptions(
  def: WasiRuntimeDef,
  clusterPassword: unknown,
  userDir: string,
  log: RuntimeOptions['log'],
): RuntimeOptions | WasiError {
  try {
    return { ...optionsOf(def), clusterPassword: textProperty('clusterPassword', clusterPassword, ''), userDir, log };
  } catch (error) {
    return asError(error);
  }
}

function sourceOf(options: RuntimeOptions, openRuntime: OpenRuntime): RuntimeSource {
  return {
    open: async () => openRuntime(options),
    hostToml: new HostTomlFile(options),
    fingerprint: () => configFingerprint(options),
  };
}

function isOptions(options: RuntimeOptions | WasiError): options is RuntimeOptions {
  return !(options instanceof WasiError);
}

function optionsOf(def: WasiRuntimeDef): Omit<RuntimeOptions, 'clusterPassword' | 'userDir' | 'log'> {
  return {
    configSource: choiceProperty('configSource', def.configSource, SOURCES, 'file'),
    configFile: textProperty('configFile', def.configFile, '').trim(),
    // As it is: messages name its lines.
    configText: textProperty('configText', def.configText, ''),
    pluginDir: textProperty('pluginDir', def.pluginDir, '').trim(),
    hardware: choiceProperty('hardware', def.hardware, HARDWARE, 'auto'),
  };
}

/** Without a message, `error` only logs: a guest's output does not set off the flow's catch nodes. */
function writeLog(node: Node, { level, plugin, text }: LogLine): void {
  const line = plugin === undefined ? text : `${plugin}: ${text}`;
  if (level === 'info') node.log(line);
  else node[level](line);
}

async function closeWithin(limitMs: number, runtime: SharedRuntime): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the runtime did not close within ${limitMs} ms; restart Node-RED if its devices stay busy`));
    }, limitMs);
  });
  try {
    await Promise.race([runtime.close(), late]);
  } finally {
    clearTimeout(timer);
  }
}
