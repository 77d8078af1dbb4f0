/**
 * A real Node-RED in this process, as `node-red` itself starts it: editor, admin API, core nodes, console log at info.
 * Flows are deployed as the editor deploys them. `open` starts it without flows, `close` ends it with everything of it.
 * A wait here is bounded by the process, which scripts/bench.mjs ends when it is late.
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

/** Without `withPackage` it is Node-RED alone: what memory is compared with. */
export async function openNodeRed(userDir, { withPackage = true } = {}) {
  mkdirSync(join(userDir, 'node_modules', '@edge-wasi'), { recursive: true });
  const link = join(userDir, 'node_modules', '@edge-wasi', 'node-red-wasi');
  if (withPackage && !existsSync(link)) symlinkSync(REPOSITORY, link, 'junction');
  // A folder may be used again for its store; the flows of the last run must not start.
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

  /** Replaces all flows, and gives the api of the runtime in them, if there is one and as soon as it is open. */
  async deploy(nodes) {
    // The answer to a deploy comes before its flows have started.
    const started = once(this.RED.events, 'flows:started');
    await this.RED.runtime.flows.setFlows({ flows: { flows: nodes }, deploymentType: 'full' });
    await started;
    return this.RED.nodes.getNode(RUNTIME_ID)?.runtime.whenOpen();
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

/** A flow with one runtime on simulated hardware, and whatever else is given. */
export function flow({ configText = '', pluginDir = '' } = {}, others = []) {
  const runtime = {
    id: RUNTIME_ID,
    type: 'wasi-runtime',
    name: '',
    configSource: 'inline',
    configFile: '',
    configText,
  };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { ...runtime, pluginDir, hardware: 'simulated' },
    ...others.map((node) => ({ z: 'tab', x: 0, y: 0, wires: [], runtime: RUNTIME_ID, ...node })),
  ];
}

/** Every plugin of `names` can be called. Rejects when one of them cannot be started. */
export function whenReady(api, names = PLUGINS) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const plugins = names.map((name) => api.plugin(name));
      const failed = plugins.find((plugin) => plugin?.state === 'backing-off');
      const ready = plugins.every((plugin) => plugin?.state === 'ready');
      if (!failed && !ready) return;
      stop();
      if (failed) reject(new Error(`${failed.name} did not start: ${failed.lastError?.message}`));
      else resolve();
    };
    const stop = api.subscribe((event) => event.kind === 'plugin' && look());
    look();
  });
}
