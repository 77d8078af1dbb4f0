/**
 * A process that closes a runtime in the midst of something and says what is left. Run with the user directory and a
 * scenario: `polling` (a guest that spins), `loading` (a component that was never prepared), `idle`, or `forgotten` (it is
 * never closed). Prints JSON and must then end by itself, and so must the processes that it started.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { openRuntime } from '../../src/runtime/open-runtime';
import { until } from '../support/until';

const MANY_READS = 16;

/** That of the guests, and the one that prepares a component. */
const GUESTS_AND_PREPARING = 2;

const DISABLED = ['dht22', 'bme680', 'pi_monitor', 'dashboard']
  .map((name) => `[plugins.${name}]\nenabled = false\n`)
  .join('');

/** Of this process, as the kernel counts them; 0 where it does not say. */
function threads(): number {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return 0;
  }
}

/** Processes that this one started and that are not gone yet, as the kernel counts them. */
function children(): readonly string[] {
  return readdirSync('/proc/self/task')
    .map((task) => childrenOf(task))
    .join(' ')
    .split(' ')
    .filter(Boolean);
}

function childrenOf(task: string): string {
  try {
    return readFileSync(`/proc/self/task/${task}/children`, 'utf8');
  } catch {
    // The thread has just ended.
    return '';
  }
}

async function run(userDir: string, scenario: string): Promise<void> {
  // libuv's own threads start with the first work and stay.
  await Promise.all(Array.from({ length: MANY_READS }, () => stat(userDir)));
  const before = threads();
  let workers = 0;
  process.on('worker', (worker) => {
    workers += 1;
    worker.once('exit', () => {
      workers -= 1;
    });
  });
  const runtime = await openRuntime({
    configSource: 'inline',
    configFile: '',
    configText: `${DISABLED}[plugins.faults.settings]\nfault = "spin"\nfault_at = 2\n[limits]\ndeadline_ms = 600000`,
    pluginDir: '',
    hardware: 'simulated',
    userDir,
    log: () => undefined,
  });
  const outcomes: Promise<string>[] = [];
  const poll = () => {
    outcomes.push(
      runtime.poll('faults').then(
        () => 'answered',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
      ),
    );
  };
  if (scenario !== 'loading') {
    await runtime.poll('faults');
  }
  if (scenario === 'forgotten') {
    console.log(JSON.stringify({ threads: workers, processes: children() }));
    return;
  }
  if (scenario !== 'idle') {
    poll();
    poll();
    const reached = () =>
      scenario === 'polling'
        ? runtime.plugin('faults')?.state === 'polling'
        : children().length >= GUESTS_AND_PREPARING;
    await until(reached);
  }
  const during = { threads: workers, processes: children() };
  await Promise.all([runtime.close(), runtime.close()]);
  const after = await runtime.poll('faults').catch((error) => error.code);
  await until(() => threads() <= before && children().length === 0);
  console.log(JSON.stringify({ ...during, left: workers, outcomes: await Promise.all(outcomes), after }));
}

const [userDir = '', scenario = ''] = process.argv.slice(2);
void run(userDir, scenario);
