/**
 * A process that writes all the time, killed or without power at random moments, over and over on the same card: whatever
 * was answered as written is found afterwards, and nothing half-written stays. The seed is printed; EDGE_WASI_CUTS_SEED
 * repeats its choices (not its timing), EDGE_WASI_CUTS_RUNS=20 goes on with that many seeds.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AllocationFile } from '../../src/modbus/allocation-file';
import { StateFiles } from '../../src/plugin-host/state-files';
import { HistoryFiles } from '../../src/readings/history-files';
import { MinuteHistory } from '../../src/readings/minute-history';
import { Random } from '../fuzz/random';
import { until } from '../support/until';
import { Card } from './card';

const SEED = Number(process.env['EDGE_WASI_CUTS_SEED'] ?? Date.now() & 0xffff);
const RUNS = Number(process.env['EDGE_WASI_CUTS_RUNS'] ?? 2);
const ROUNDS = 8;
const LONGEST_MS = 700;
const SCRIPT = join(__dirname, 'fixtures', 'keeps-writing.js');
const fail = (_level: string, text: string) => assert.fail(text);

/** What was answered, the newest of each kind. */
class Answers {
  readonly registers = new Map<string, number>();
  readonly installed = new Map<string, { readonly n: number; readonly digest: string }>();
  state = -1;
  toml = -1;
  readonly history = new Set<number>();
  newest = -1;

  take(line: string): void {
    const [kind, ...rest] = line.split(' ');
    const [first = '', second = '', third = ''] = rest;
    if (kind === 'register') this.registers.set(first, Number(second));
    if (kind === 'installed') this.installed.set(first, { n: Number(second), digest: third });
    if (kind === 'state') this.state = Number(first);
    if (kind === 'toml') this.toml = Number(first);
    if (kind === 'history') this.history.add(Number(first));
    if (kind === 'state') this.newest = Number(first);
  }
}

function follow(child: ChildProcess, answers: Answers): void {
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    // A line that is cut off was answered, but to nobody.
    rest = lines.pop() ?? '';
    for (const line of lines) answers.take(line);
  });
}

async function holds(folder: string, answers: Answers): Promise<void> {
  const registers = await AllocationFile.open(join(folder, 'modbus', 'registers.json'), fail);
  const places = new Map<string, number>(
    registers.saved.flatMap(({ blocks }) =>
      blocks.map(({ sensor, field, address }) => [`${sensor}/${field}`, address] as const),
    ),
  );
  for (const [sensor, address] of answers.registers) assert.equal(places.get(sensor), address, sensor);
  const kept = await new StateFiles(join(folder, 'state'), (error) => assert.fail(error)).read('mine');
  const n = Number(Buffer.from(kept.get('n') ?? []).toString());
  assert.ok(n >= answers.state, `state ${n}, and ${answers.state} was answered`);
  for (const [name, { n: installed, digest }] of answers.installed) {
    const bytes = readFileSync(join(folder, 'plugins', name));
    const isNewer = Number(bytes.subarray(0, 10).toString().split(' ')[0]) > installed;
    const found = createHash('sha256').update(bytes).digest('hex');
    assert.ok(isNewer || found === digest, `${name} is neither ${installed} nor newer`);
    assert.ok(bytes.length >= 20_000, `${name} is cut off`);
  }
  const toml = readFileSync(join(folder, 'host.toml'), 'utf8');
  assert.ok(Number(/^# (\d+)$/m.exec(toml)?.[1]) >= answers.toml, toml.slice(0, 20));
  assert.ok(toml.endsWith('x = 1\n'));
  const history = new MinuteHistory((text) => assert.fail(text));
  const files = new HistoryFiles(join(folder, 'history'), history, fail);
  await files.open();
  const minutes = history.fields().flatMap((field) => [...field.points(0, 1e9)]);
  const count = minutes.reduce((sum, point) => sum + point.count, 0);
  assert.ok(count >= answers.history.size, `${count} values, and ${answers.history.size} were answered`);
  await files.close();
}

/** Of one start at most: the next one clears them away. */
function leftovers(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.new'));
}

describe('a card under a process that writes all the time', () => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    it(`has all that was answered, whenever its power is cut or the process killed (seed ${seed})`, async (t) => {
      const opened = Card.open(t, 128);
      if ('reason' in opened) return t.skip(opened.reason);
      let card = opened;
      const random = new Random(seed, 0);
      const answers = new Answers();
      let most = 0;
      let cuts = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const args = [SCRIPT, card.folder, String(answers.newest + 1)];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        t.after(() => child.kill('SIGKILL'));
        follow(child, answers);
        const before = answers.newest;
        await until(() => answers.newest > before, 'something that was answered');
        await pause(random.below(LONGEST_MS));
        const isCut = random.oneIn(2);
        // It answers nothing between the cut and its end.
        child.kill('SIGSTOP');
        await pause(20);
        const next = isCut ? card.cutPower() : card;
        child.kill('SIGKILL');
        await once(child, 'close');
        if (isCut) card.remove();
        card = next;
        cuts += isCut ? 1 : 0;
        await holds(card.folder, answers);
        most = Math.max(most, leftovers(card.folder).length);
      }
      t.diagnostic(`${answers.newest + 1} rounds of writing, ${cuts} cuts, at most ${most} leftovers at a time`);
      assert.ok(most <= 6, leftovers(card.folder).join());
    });
  }
});
