/**
 * Four nodes, each an etcd and a Node-RED, in a folder of their own that is made anew. Whoever starts it stops it. `kill` and
 * `start` take one node, or one of its two programs.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { REPOSITORY } from '../guest-tools.mjs';
import { addLearner, etcdProgram, etcdStatus } from './etcd-members.mjs';
import { clientUrl, editorUrl } from './plan.mjs';
import { Program } from './program.mjs';
import { makeUserFolder } from './user-folder.mjs';

const RED_JS = join(REPOSITORY, 'node_modules', 'node-red', 'red.js');
const START_LIMIT_MS = 60_000;
const SEEN_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 100;
/** Node-RED gives each node 15 s to close. */
const NODE_RED_STOP_LIMIT_MS = 20_000;
/** It hands its leadership over at once; from 3.5 on it then waits 10 s for the streams of its clients, which are gone. */
const ETCD_STOP_LIMIT_MS = 2_000;
const ASK_LIMIT_MS = 5_000;

export class DemoCluster {
  #nodes;
  #isClosing = false;

  /** `onChange`: a program runs that did not, or the other way round. `onLoss(name, how)`: nobody had asked for that. */
  constructor({ plan, folder, etcd, onChange = () => undefined, onLoss = () => undefined }) {
    this.plan = plan;
    this.folder = folder;
    this.onChange = onChange;
    const lost = (program, how) => {
      onChange();
      onLoss(program.name, how);
    };
    this.#nodes = new Map(
      plan.map((planned) => {
        const own = join(folder, planned.node);
        const programs = {
          etcd: etcdProgram(planned, plan, { folder: own, etcd, onLoss: lost }),
          'node-red': nodeRedProgram(planned, own, lost),
        };
        return [planned.node, { planned, programs }];
      }),
    );
  }

  /** Comes back when every node answers and the hub has readings of all. */
  async open(say) {
    await rm(this.folder, { recursive: true, force: true });
    for (const planned of this.plan) {
      const own = join(this.folder, planned.node);
      await mkdir(own, { recursive: true });
      await makeUserFolder(join(own, 'node-red'), planned, this.plan);
    }
    say('starting three voters of etcd, and four Node-RED');
    const voters = this.plan.filter(({ role }) => role !== 'learner');
    await Promise.all(voters.map(({ node }) => this.start(node, 'etcd')));
    const nodeReds = this.plan.map(({ node }) => this.start(node, 'node-red'));
    await Promise.all([...nodeReds, this.#openLearner(say)]);
    await this.#untilSeen();
  }

  /** `part`: `etcd`, `node-red`, or both. Comes back when they answer. */
  async start(node, part) {
    const { planned, programs } = this.#nodes.get(node);
    for (const name of partsOf(part)) {
      const program = programs[name];
      if (this.#isClosing) throw new Error('the demonstration is being ended');
      program.start();
      await program.until(() => (name === 'etcd' ? etcdStatus(planned) : answers(planned)), START_LIMIT_MS);
    }
    this.onChange();
  }

  async kill(node, part) {
    const { programs } = this.#nodes.get(node);
    await Promise.all(partsOf(part).map((name) => programs[name].kill()));
    this.onChange();
  }

  /** For others than this process: `[{node, role, editor, dashboard, etcd, folder, pids}]`. */
  describe() {
    return [...this.#nodes.values()].map(({ planned, programs }) => ({
      node: planned.node,
      role: planned.role,
      editor: editorUrl(planned),
      dashboard: dashboardUrl(planned),
      etcd: clientUrl(planned),
      ...(planned.modbusPort === undefined ? {} : { modbusPort: planned.modbusPort }),
      pids: { etcd: programs.etcd.pid, nodeRed: programs['node-red'].pid },
    }));
  }

  /** All eight have ended when it comes back; those that use etcd first. May be called twice. */
  async close() {
    this.#isClosing = true;
    const programs = [...this.#nodes.values()].map((node) => node.programs);
    await Promise.all(programs.map((each) => each['node-red'].stop(NODE_RED_STOP_LIMIT_MS)));
    await Promise.all(programs.map(({ etcd }) => etcd.stop(ETCD_STOP_LIMIT_MS)));
  }

  /** As `close`, without waiting for any to end by itself. */
  async killAll() {
    this.#isClosing = true;
    await Promise.all(this.plan.map(({ node }) => this.kill(node)));
  }

  async #openLearner(say) {
    const learner = this.plan.find(({ role }) => role === 'learner');
    await addLearner(learner, this.plan);
    say(`${learner.node} joins as a learner`);
    await this.start(learner.node, 'etcd');
  }

  async #untilSeen() {
    const [hub] = this.plan;
    const endsAt = Date.now() + SEEN_LIMIT_MS;
    for (;;) {
      const seen = new Set((await readingsOf(hub)).map(({ node }) => node));
      const missing = this.plan.filter(({ node }) => !seen.has(node)).map(({ node }) => node);
      if (missing.length === 0) return;
      if (Date.now() > endsAt)
        throw new Error(`${hub.node} has no readings of ${missing.join(', ')} yet: see the logs in ${this.folder}`);
      await pause(LOOK_AGAIN_MS);
    }
  }
}

export const PARTS = ['etcd', 'node-red'];

function partsOf(part) {
  return part === undefined ? PARTS : [part];
}

function nodeRedProgram(planned, folder, onLoss) {
  const userDir = join(folder, 'node-red');
  return new Program({
    name: `Node-RED of ${planned.node}`,
    command: [process.execPath, RED_JS, '--userDir', userDir],
    env: { ...process.env, HOME: userDir },
    cwd: userDir,
    logFile: join(folder, 'node-red.log'),
    onLoss,
  });
}

function dashboardUrl(planned) {
  return `${editorUrl(planned)}/wasi`;
}

async function answers(planned) {
  const response = await asked(`${dashboardUrl(planned)}/api/health`);
  // 503 says that a plugin is still being loaded.
  return response?.status === 200;
}

async function readingsOf(planned) {
  const response = await asked(`${dashboardUrl(planned)}/api/readings`);
  return response?.ok ? response.json() : [];
}

/** undefined while nobody listens there yet. */
async function asked(url) {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(ASK_LIMIT_MS) });
  } catch {
    return undefined;
  }
}
