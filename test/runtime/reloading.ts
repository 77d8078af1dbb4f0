/**
 * A process that reloads one plugin many times, between two files that are prepared already, and prints what it holds
 * after each of the counts it is run with. Run with --expose-gc, the user directory and the two files.
 */
import { EventEmitter, once } from 'node:events';
import { linkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openRuntime } from '../../src/runtime/open-runtime';

const DISABLED = ['dht22', 'bme680', 'pi_monitor', 'dashboard']
  .map((name) => `[plugins.${name}]\nenabled = false\n`)
  .join('');
/** Finalizers of one collection free what the next one counts. */
const COLLECTIONS = 3;

async function run(userDir: string, files: readonly [string, string], counts: readonly number[]): Promise<void> {
  let workers = 0;
  const tookOver = new EventEmitter();
  process.on('worker', (worker) => {
    workers += 1;
    worker.once('exit', () => {
      workers -= 1;
    });
  });
  const target = join(userDir, 'wasi', 'plugins', 'counter.wasm');
  const put = (file: string) => {
    linkSync(file, `${target}.new`);
    renameSync(`${target}.new`, target);
  };
  put(files[0]);
  const runtime = await openRuntime({
    configSource: 'inline',
    configFile: '',
    configText: `${DISABLED}[plugins.counter]\n[logging]\nshow_sensor_data = false`,
    pluginDir: '',
    hardware: 'simulated',
    userDir,
    log: (line) => {
      if (line.level === 'warn' || line.level === 'error') throw new Error(line.text);
      if (line.text === 'a new file took over') tookOver.emit('once more');
    },
  });
  const poll = async () => {
    const outcome = await runtime.poll('counter');
    return outcome.kind === 'polled' ? outcome.readings[0]?.values : undefined;
  };
  await poll();
  for (let reloads = 1; reloads <= Math.max(...counts); reloads += 1) {
    // Said when the thread of the one before has ended.
    const over = once(tookOver, 'once more');
    put(files[reloads % 2 === 0 ? 0 : 1]);
    const version = (reloads % 2) + 1;
    let values = await poll();
    // The one before answers until this one is ready.
    while (values !== undefined && values['version'] !== version) values = await poll();
    await over;
    if (values?.['count'] !== 1) throw new Error(`reload ${reloads} was answered by ${JSON.stringify(values)}`);
    if (!counts.includes(reloads)) continue;
    for (let pass = 0; pass < COLLECTIONS; pass += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ reloads, rss, heapUsed, external, workers }));
  }
  await runtime.close();
}

const [userDir = '', first = '', second = '', ...counts] = process.argv.slice(2);
void run(userDir, [first, second], counts.map(Number));
