/** When a node may take the leadership over: never while whoever had it may still hold it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  HOLDS_MS,
  KEEPS_MS,
  LEASE_MS,
  MARGIN_MS,
  mayTakeOverAt,
  type Sighting,
  seen,
  yieldsBefore,
  yieldsTo,
} from '../../src/cluster/leadership';
import { PRESENCE_MS } from '../../src/cluster/presence';

const LED: Sighting = { node: 'a', instance: 'x', token: 7, leader: 5n, renewed: 9n, at: 1_000 };
const PATIENT = { isPreferred: false, othersWant: false, random: 0, lastFaultAt: Number.NEGATIVE_INFINITY };

describe('the leadership', () => {
  it('is not taken over before its holder has given it up, however late a renewal was seen', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.nat(5_000),
        fc.boolean(),
        fc.boolean(),
        (sentAt, delayMs, isPreferred, othersWant) => {
          const sighting = { ...LED, at: sentAt + delayMs };
          const at = mayTakeOverAt(sighting, { ...PATIENT, isPreferred, othersWant });
          assert.ok(at >= sentAt + HOLDS_MS + MARGIN_MS);
        },
      ),
    );
  });

  it('counts from when a renewal was first seen, not from when it was seen again', () => {
    assert.equal(seen(LED, { ...LED, at: 9_000 }).at, 1_000);
    assert.equal(seen(LED, { ...LED, renewed: 10n, at: 9_000 }).at, 9_000);
    assert.equal(seen(LED, { ...LED, leader: 6n, at: 9_000 }).at, 9_000);
    assert.equal(seen(undefined, LED), LED);
  });

  it('that somebody resigned from is the preferred node’s at once, and the others’ a moment later', () => {
    const vacant = { ...LED, node: '', renewed: 0n };
    assert.equal(mayTakeOverAt(vacant, { ...PATIENT, isPreferred: true }), 1_000);
    assert.ok(mayTakeOverAt(vacant, PATIENT) > 1_000);
    assert.ok(mayTakeOverAt(vacant, { ...PATIENT, othersWant: true }) >= 3_000);
  });

  it('of a store that knows of none is taken once nobody can hold what another store confirmed', () => {
    for (const leader of [0n, 2n]) {
      const emptied = { ...LED, node: '', token: 0, leader, renewed: 0n };
      assert.equal(mayTakeOverAt(emptied, { ...PATIENT, isPreferred: true }), 1_000 + LEASE_MS);
    }
  });

  it('tells a store that was emptied again from the one that it saw before', () => {
    const marked = { ...LED, node: '', instance: 'one', token: 0, leader: 2n, renewed: 0n };
    assert.equal(seen(marked, { ...marked, at: 9_000 }).at, 1_000);
    assert.equal(seen(marked, { ...marked, instance: 'another', at: 9_000 }).at, 9_000);
  });

  it('is handed over to a node that comes to want it, and not to what a lost one has left behind', () => {
    const leader = { node: 'pi4', leader: 20n, forMs: 1_000 };
    assert.equal(yieldsTo([{ node: 'revpi', since: 21n }], leader), true);
    assert.equal(yieldsTo([{ node: 'revpi', since: 19n }], leader), false);
    // It was cut off for a moment only, and lives.
    assert.equal(yieldsTo([{ node: 'revpi', since: 19n }], { ...leader, forMs: KEEPS_MS }), true);
    assert.ok(KEEPS_MS > PRESENCE_MS + LEASE_MS);
    assert.equal(yieldsTo([{ node: 'pi4', since: 21n }], leader), false);
  });

  it('is not waited for on behalf of the node that was lost with it', () => {
    const wishes = [{ node: 'revpi', since: 19n }];
    assert.equal(yieldsBefore(wishes, 'pi4', 'revpi'), false);
    assert.equal(yieldsBefore(wishes, 'pi4', ''), true);
    assert.equal(yieldsBefore(wishes, 'revpi', 'pi4'), false);
  });

  it('is left to its holder for a moment where nobody could reach etcd', () => {
    assert.equal(mayTakeOverAt(LED, { ...PATIENT, isPreferred: true }), 1_000 + LEASE_MS);
    assert.ok(mayTakeOverAt(LED, { ...PATIENT, isPreferred: true, lastFaultAt: 8_000 }) > 8_000);
  });
});
