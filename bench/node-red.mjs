/**
 * A real Node-RED in this process, as `node-red` itself starts it: editor, admin API, core nodes, console log at info.
 * Flows are deployed as the editor deploys them. `openNodeRed` starts it without flows, `close` ends it with all it started.
 * Waits have no limit of their own: bench/processes.mjs ends a process that exceeds its limit.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const resolveFrom = createRequire(import.meta.url);
export const PLUGINS = ['dht22', 'pi_monitor', 'bme680', 'dashboard'];

/** Without `withPackage` it is Node-RED alone, the baseline of memory. */
export async function openNodeRed(userDir, { withPackage = true } = {}) {
  mkdirSync(join(userDir, 'node_modules', '@edge-wasi'), { recursive: true });
  const link = join(userDir, 'node_modules', '@edge-wasi', 'node-red-wasi');
  if (withPackage && !existsSync(link)) symlinkSync(REPOSITORY, link, 'junction');
  // A folder may be used again for its prepared components; the flows of the run before must not start.
  rmSync(join(userDir, 'flows.json'), { force: true });
  const RED = resolveFrom('node-red');
  const server = createServer();
  RED.init(server, {
    userDir,
    flowFile: 'flows.json',
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'info', metrics: false, audit: false } },
  });
  const started = once(RED.events, 'flows:started');
  await RED.start();
  await started;
  // As node-red itself mounts them, both at the root.
  server.on('request', (request, response) => RED.httpNode(request, response, () => RED.httpAdmin(request, response)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new NodeRed(RED, server);
}

class NodeRed {
  constructor(RED, server) {
    this.RED = RED;
    this.server = server;
  }

  /** Replaces all flows. Resolves with the api of the runtime in them once it is open, with undefined where there is none. */
  async deploy(nodes) {
    // A deploy is answered before its flows have started.
    const started = once(this.RED.events, 'flows:started');
    await this.RED.runtime.flows.setFlows({ flows: { flows: nodes }, deploymentType: 'full' });
    await started;
    const runtime = this.RED.nodes.getNode(RUNTIME_ID)?.runtime;
    // Flows that are measured may have no node that uses it, and a runtime opens with its first user.
    runtime?.use({ phaseChanged: () => undefined, runtimeEvent: () => undefined });
    return runtime?.whenOpen();
  }

  node(id) {
    return this.RED.nodes.getNode(id);
  }

  async close() {
    await this.RED.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const RUNTIME_ID = 'runtime';

/** On a busy machine a load takes longer than a runtime waits by default. */
const LONG_LOADS = '[limits]\nload_deadline_ms = 120000\n';

/** A flow with one runtime on simulated hardware, and the other nodes that are given. */
export function flow({ configText = '', pluginDir = '' } = {}, others = []) {
  const runtime = {
    id: RUNTIME_ID,
    type: 'wasi-runtime',
    name: '',
    configSource: 'inline',
    configFile: '',
    configText: LONG_LOADS + configText,
  };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { ...runtime, pluginDir, hardware: 'simulated' },
    ...others.map((node) => ({ z: 'tab', x: 0, y: 0, wires: [], runtime: RUNTIME_ID, ...node })),
  ];
}

/** Resolves when every plugin of `names` can be called, and rejects when one of them cannot be started. */
export function whenReady(api, names = PLUGINS) {
  return new Promise((resolve, reject) => {
    const check = () => {
      const plugins = names.map((name) => api.plugin(name));
      const failed = plugins.find((plugin) => plugin?.state === 'backing-off');
      const ready = plugins.every((plugin) => plugin?.state === 'ready');
      if (!failed && !ready) return;
      stop();
      if (failed) reject(new Error(`${failed.name} did not start: ${failed.lastError?.message}`));
      else resolve();
    };
    const stop = api.subscribe((event) => event.kind === 'plugin' && check());
    check();
  });
}
