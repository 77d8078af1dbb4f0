/** What Node-RED loads for the type wasi-runtime: the config node over the real runtime. */
import type { NodeAPI } from 'node-red';
import { openRuntime } from '../../src/runtime/open-runtime';
import { registerRuntimeNode } from './runtime-node';

export = (RED: NodeAPI): void => registerRuntimeNode(RED, openRuntime);
