/**
 * The wasi-runtime config node over a way to open a runtime, which tests replace. Its runtime is opened in the background
 * when a node uses it, and is that of all wasi-runtime nodes whose properties mean the same (runtime-pool.ts). The last
 * of them closes it. Closing is bounded below the 15 s after which Node-RED goes on without us, so that a deploy tells
 * what was not closed.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { WasiError } from '../../src/errors/wasi-error';
import { doneWithin } from '../../src/platform/with-timeout';
import type { OpenRuntime, RuntimeOptions } from '../../src/runtime-api/runtime-api';
import { choiceProperty, textProperty } from '../node-properties';
import { asError } from '../node-red-errors';
import { SharedRuntime } from '../shared-runtime';
import { serveAdmin } from './admin-routes';
import { type PooledOptions, type PooledRuntime, RuntimePool } from './runtime-pool';

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
  const pool = new RuntimePool(openRuntime);
  const wasiRuntime = function (this: WasiRuntimeNode, def: WasiRuntimeDef): void {
    RED.nodes.createNode(this, def);
    const userDir = RED.settings.userDir ?? join(homedir(), '.node-red');
    const options = triedOptions(def, this.credentials?.clusterPassword, userDir);
    const { runtime, leave } = isOptions(options) ? pool.join(this, options) : broken(options);
    this.runtime = runtime;
    const report = () => {
      if (runtime.phase.kind === 'failed') this.error(runtime.phase.error.message);
    };
    const deregister = runtime.register({ phaseChanged: report, runtimeEvent: () => undefined });
    report();
    this.on('close', (done: () => void) => {
      deregister();
      closeInTime(leave())
        .catch((error: unknown) => this.warn(asError(error).message))
        .finally(done);
    });
  };
  RED.nodes.registerType<WasiRuntimeNode, WasiRuntimeDef, object, WasiRuntimeCredentials>('wasi-runtime', wasiRuntime, {
    credentials: { clusterPassword: { type: 'password' } },
  });
  serveAdmin(RED);
}

/** Its error where a property is wrong: the runtime then never opens, and fails with it. */
function triedOptions(def: WasiRuntimeDef, clusterPassword: unknown, userDir: string): PooledOptions | WasiError {
  try {
    return { ...optionsOf(def), clusterPassword: textProperty('clusterPassword', clusterPassword, ''), userDir };
  } catch (error) {
    return asError(error);
  }
}

function broken(error: WasiError): PooledRuntime {
  const runtime = new SharedRuntime(error);
  return { runtime, leave: () => runtime.close() };
}

function isOptions(options: PooledOptions | WasiError): options is PooledOptions {
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

async function closeInTime(closing: Promise<void>): Promise<void> {
  if (await doneWithin(CLOSE_LIMIT_MS, closing)) return;
  throw new Error(`the runtime did not close within ${CLOSE_LIMIT_MS} ms; restart Node-RED if its devices stay busy`);
}
