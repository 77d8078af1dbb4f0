import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WasiError } from '../../src/errors/wasi-error';
import { HEALTHY_UPTIME_MS, next, type PluginEvent, type PluginState } from '../../src/plugin-host/plugin-state';

const CAUSE = new WasiError('PLUGIN_TRAPPED', 'a trap');
const NOW = 1_000_000;

const GUEST = { guest: 'old', failures: 3, upSince: NOW - 1 };

const STATES = {
  disabled: { kind: 'disabled' },
  loading: { kind: 'loading', failures: 3 },
  ready: { kind: 'ready', ...GUEST },
  polling: { kind: 'polling', after: 'ready', ...GUEST },
  'polling while reloading': { kind: 'polling', after: 'reloading', ...GUEST },
  reloading: { kind: 'reloading', step: 'preparing', ...GUEST },
  'handing over': { kind: 'reloading', step: 'handing-over', ...GUEST },
  'backing-off': { kind: 'backing-off', failures: 3, cause: CAUSE, retry: { when: 'time', at: NOW } },
  closed: { kind: 'closed' },
} as const satisfies Readonly<Record<string, PluginState<string>>>;

const EVENTS: { readonly [K in PluginEvent<string>['kind']]: Extract<PluginEvent<string>, { kind: K }> } = {
  loaded: { kind: 'loaded', guest: 'new', now: NOW },
  'load-failed': { kind: 'load-failed', cause: CAUSE, now: NOW },
  'call-started': { kind: 'call-started' },
  'call-ended': { kind: 'call-ended' },
  'guest-lost': { kind: 'guest-lost', cause: CAUSE, now: NOW },
  'reload-started': { kind: 'reload-started' },
  'hand-over-started': { kind: 'hand-over-started' },
  'hand-over-failed': { kind: 'hand-over-failed' },
  'old-kept': { kind: 'old-kept' },
  discarded: { kind: 'discarded' },
  retried: { kind: 'retried' },
  'asked-anew': { kind: 'asked-anew' },
  'file-changed': { kind: 'file-changed' },
  closed: { kind: 'closed' },
};

/** After 3 losses; the fourth rests 4 s. */
const RESTS: PluginState<string> = {
  kind: 'backing-off',
  failures: 4,
  cause: CAUSE,
  retry: { when: 'time', at: NOW + 4_000 },
};

/** What the old one lost is not the new one's. */
const TAKEN_OVER: PluginState<string> = { kind: 'ready', guest: 'new', failures: 0, upSince: NOW };

/** Every pair that is allowed, beside `closed`, which ends every state. */
const ALLOWED: Readonly<Record<string, PluginState<string>>> = {
  'loading loaded': { kind: 'ready', guest: 'new', failures: 3, upSince: NOW },
  'loading load-failed': RESTS,
  'ready call-started': STATES.polling,
  'ready reload-started': STATES.reloading,
  'ready guest-lost': RESTS,
  'ready discarded': { kind: 'loading', failures: 0 },
  'polling call-ended': STATES.ready,
  'polling reload-started': STATES['polling while reloading'],
  'polling guest-lost': RESTS,
  'polling while reloading call-ended': STATES.reloading,
  'polling while reloading old-kept': STATES.polling,
  'polling while reloading guest-lost': RESTS,
  'reloading call-started': STATES['polling while reloading'],
  'reloading hand-over-started': STATES['handing over'],
  'reloading loaded': TAKEN_OVER,
  'reloading old-kept': STATES.ready,
  'reloading guest-lost': RESTS,
  'handing over hand-over-failed': STATES.reloading,
  'handing over loaded': TAKEN_OVER,
  'handing over guest-lost': RESTS,
  'backing-off retried': { kind: 'loading', failures: 3 },
  'backing-off asked-anew': { kind: 'loading', failures: 0 },
  'backing-off file-changed': { kind: 'loading', failures: 0 },
};

describe('the state of a plugin', () => {
  for (const [name, state] of Object.entries<PluginState<string>>(STATES)) {
    for (const event of Object.values(EVENTS)) {
      const pair = `${name} ${event.kind}`;
      const expected = event.kind === 'closed' ? STATES.closed : ALLOWED[pair];
      if (expected) it(`${pair}: becomes ${expected.kind}`, () => assert.deepEqual(next(state, event), expected));
      else
        it(`${pair}: is forbidden`, () =>
          assert.throws(() => next(state, event), {
            message: `a plugin that is ${state.kind} cannot be ${event.kind}`,
          }));
    }
  }
});

function rest(failures: number, cause = CAUSE): PluginState<string> {
  return next<string>({ kind: 'ready', guest: 'g', failures, upSince: NOW }, { kind: 'guest-lost', cause, now: NOW });
}

describe('a guest that is lost again and again', () => {
  it('is started at once after the first loss', () => assert.deepEqual(rest(0), { kind: 'loading', failures: 1 }));

  it('rests 1 s, doubling to 30 s', () => {
    const rests = Array.from({ length: 8 }, (_, i) => rest(i + 1)).map((state) =>
      state.kind === 'backing-off' && state.retry.when === 'time' ? state.retry.at - NOW : Number.NaN,
    );
    assert.deepEqual(rests, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('rests 30 s however often it was lost', () => {
    const state = rest(5_000);
    assert.deepEqual(state.kind === 'backing-off' && state.retry, { when: 'time', at: NOW + 30_000 });
  });

  it('keeps its losses over a load that works', () => {
    assert.deepEqual(next(STATES.loading, EVENTS.loaded), { kind: 'ready', guest: 'new', failures: 3, upSince: NOW });
  });

  it('is forgiven after a healthy uptime, and not a moment before', () => {
    const lostAfter = (upMs: number) =>
      next<string>({ ...STATES.polling, upSince: NOW - upMs }, { kind: 'guest-lost', cause: CAUSE, now: NOW });
    assert.deepEqual(lostAfter(HEALTHY_UPTIME_MS), { kind: 'loading', failures: 1 });
    assert.deepEqual(lostAfter(HEALTHY_UPTIME_MS - 1), RESTS);
  });
});

describe('a file that cannot be used', () => {
  for (const code of ['PLUGIN_INVALID', 'PLUGIN_NOT_FOUND', 'CAPABILITY_DENIED'] as const) {
    it(`waits for another file, not for time (${code})`, () => {
      const cause = new WasiError(code, 'no');
      const state = next<string>({ kind: 'loading', failures: 0 }, { kind: 'load-failed', cause, now: NOW });
      assert.deepEqual(state, { kind: 'backing-off', failures: 1, cause, retry: { when: 'file-changes' } });
    });
  }

  for (const code of ['PLUGIN_LOAD_TIMEOUT', 'PLUGIN_TRAPPED', 'PLUGIN_MEMORY'] as const) {
    it(`is tried again after a rest where trying may help (${code})`, () => {
      const cause = new WasiError(code, 'no');
      const state = next<string>({ kind: 'loading', failures: 0 }, { kind: 'load-failed', cause, now: NOW });
      assert.deepEqual(state.kind === 'backing-off' && state.retry, { when: 'time', at: NOW + 1_000 });
    });
  }
});
