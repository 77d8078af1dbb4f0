/** From a loaded component to a guest that can be called, and every way that ends before. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { until } from '../support/until';
import { answering, fixture, fromText } from './components';
import { Engine, poll } from './engine';

const LIMIT = { timeout: 60_000 };
const SHORT_MS = 500;

const engine = new Engine({ after });
afterEach(() => engine.closeGuests());

/** A component whose core module runs this when it is instantiated. */
async function startingWith(body: string): Promise<string> {
  const bytes = await fromText(`(component
    (core module $m (memory 1) (func $start ${body}) (start $start) (func (export "poll") (result i32) i32.const 1))
    (core instance $i (instantiate $m))
    (func (export "poll") (result u32) (canon lift (core func $i "poll"))))`);
  return engine.file(bytes);
}

describe('a guest that starts', () => {
  it('with code that spins is ended at the load deadline, and another starts', LIMIT, async () => {
    const spins = await startingWith('(loop br 0)');
    await assert.rejects(engine.start(spins, { loadDeadlineMs: SHORT_MS }), {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message: /guest did not start within 500 ms.*load_deadline_ms in \[plugins\.guest\.limits\] of host\.toml/,
    });
    await engine.threadsEnded();
    await (await engine.start(engine.file(await answering(1)))).close();
  });

  it('with code that traps says so', LIMIT, async () => {
    await assert.rejects(engine.start(await startingWith('unreachable')), { code: 'PLUGIN_TRAPPED' });
    await engine.threadsEnded();
  });

  it('and wants a function that its interface does not have is told which', LIMIT, async () => {
    const bytes = await fromText(`(component
      (import "edge:plugin/settings@1.0.0" (instance $s (export "get-all" (func (result u32)))))
      (core func $get (canon lower (func $s "get-all")))
      (core module $m (import "s" "get" (func $g (result i32))) (func (export "poll") (result i32) (call $g)))
      (core instance $i (instantiate $m (with "s" (instance (export "get" (func $get))))))
      (func (export "poll") (result u32) (canon lift (core func $i "poll"))))`);
    await assert.rejects(engine.start(engine.file(bytes)), { code: 'PLUGIN_INVALID', message: /get-?all/i });
    await engine.threadsEnded();
  });

  it('while everything is closed is given up with RUNTIME_CLOSED, and its modules are released', LIMIT, async () => {
    const spins = await startingWith('(loop br 0)');
    const closing = new AbortController();
    const component = await engine.load(spins);
    const started = engine.startLoaded(component, { signal: closing.signal });
    await engine.devices();
    closing.abort();
    await assert.rejects(started, { code: 'RUNTIME_CLOSED' });
    const tooLate = engine.start(spins, { signal: AbortSignal.abort() });
    await assert.rejects(tooLate, { code: 'RUNTIME_CLOSED' });
    await engine.threadsEnded();
  });

  it('does not start where it exports a function that JavaScript would call by itself', LIMIT, async () => {
    const bytes = await fromText(`(component
      (core module $m (func (export "then")))
      (core instance $i (instantiate $m))
      (func (export "then") (canon lift (core func $i "then"))))`);
    await assert.rejects(engine.start(engine.file(bytes)), {
      code: 'PLUGIN_INVALID',
      message: /exports the name "then"/,
    });
  });
});

describe('a thread of a guest', () => {
  it('does not keep a process alive that forgot to close it', LIMIT, async () => {
    const child = spawn(process.execPath, [join(__dirname, 'fixtures', 'leaves-guest-open.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 50_000,
    });
    const said = child.stdout.toArray();
    const [code] = await once(child, 'exit');
    assert.equal(Buffer.concat(await said).toString(), 'PLUGIN_INVALID\nleft\n');
    assert.equal(code, 0);
  });

  it('whose process dies leaves a guest that says so', LIMIT, async () => {
    const guest = await engine.start(fixture('counter_v1'));
    const [pid] = engine.processes.pids;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    await until(() => !guest.alive);
    await assert.rejects(poll(guest), { code: 'PLUGIN_TRAPPED', message: /the process that runs the plugins ended/ });
    guest.close();
  });
});
