import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Allocation, MAX_BLOCKS_PER_PLUGIN, MAX_OTHER_NODES } from '../../src/modbus/allocation';
import { END_OF_BLOCKS } from '../../src/modbus/register-layout';
import { readingOf } from '../readings/reading-of';

const NONE: ReadonlySet<number> = new Set();
const ROOM = readingOf();
const ATTIC = readingOf({ sensorId: 'attic' });

function addresses(allocation: Allocation, node = 0): string[] {
  return (allocation.nodes()[node]?.blocks ?? []).map(({ address, sensor, field }) => `${address} ${sensor} ${field}`);
}

describe('a register', () => {
  it('stays where it is when another sensor comes, goes or gains a field', () => {
    const allocation = new Allocation();
    assert.equal(allocation.place([ROOM], 'pi4', NONE).added, true);
    allocation.place([ATTIC, readingOf({ values: { dewPoint: 7, humidity: 40, temperature: 1 } })], 'pi4', NONE);
    assert.deepEqual(addresses(allocation), [
      '32 room temperature',
      '40 room humidity',
      '48 attic temperature',
      '56 attic humidity',
      '64 room dewPoint',
    ]);
    assert.equal(allocation.place([ATTIC, ROOM], 'pi4', NONE).added, false);
  });

  it('stays where it is after it was kept and read, whatever comes first then', () => {
    const first = new Allocation();
    first.place([ROOM, ATTIC], 'pi4', NONE);
    const again = new Allocation(first.nodes());
    again.place([readingOf({ sensorId: 'cellar' }), ATTIC, ROOM], 'pi4', NONE);
    assert.deepEqual(addresses(again).slice(0, 4), addresses(first));
    assert.equal(addresses(again)[4], '64 cellar temperature');
  });

  it('is kept when the node is given another name', () => {
    const allocation = new Allocation();
    allocation.place([ROOM], 'pi4', NONE);
    assert.equal(allocation.place([readingOf({ node: 'hall' })], 'hall', NONE).added, false);
  });

  it('is given to numbers only', () => {
    const allocation = new Allocation();
    allocation.place([readingOf({ values: { state: 'on' } })], 'pi4', NONE);
    assert.deepEqual(addresses(allocation), []);
  });

  it('that clients may write is no sensor’s, nor are its neighbours of the same block', () => {
    const allocation = new Allocation();
    allocation.place([ROOM], 'pi4', new Set([41]));
    assert.deepEqual(addresses(allocation), ['32 room temperature', '48 room humidity']);
  });
});

describe('other nodes', () => {
  it('come in the order of their names where they come together, and keep it', () => {
    const allocation = new Allocation();
    const of = (node: string) => readingOf({ node });
    allocation.place([of('pi9'), of('pi7'), of('pi4')], 'pi4', NONE);
    allocation.place([of('pi5')], 'pi4', NONE);
    const names = () => allocation.nodes().map(({ node }) => node);
    assert.deepEqual(names(), [undefined, 'pi7', 'pi9', 'pi5']);
    assert.deepEqual(new Allocation(allocation.nodes()).nodes(), allocation.nodes());
  });

  it('are so many at most', () => {
    const allocation = new Allocation();
    const many = Array.from({ length: MAX_OTHER_NODES + 2 }, (_, index) => readingOf({ node: `other-${index}` }));
    const { refused } = allocation.place(many, 'pi4', NONE);
    assert.equal(allocation.nodes().length, MAX_OTHER_NODES + 1);
    assert.equal(refused.length, 4);
  });
});

describe('a plugin that invents sensors', () => {
  it('fills its own share and leaves room for the others', () => {
    const allocation = new Allocation();
    const invented = Array.from({ length: 2_000 }, (_, index) => readingOf({ plugin: 'liar', sensorId: `s${index}` }));
    const { refused } = allocation.place(invented, 'pi4', NONE);
    assert.equal(addresses(allocation).length, MAX_BLOCKS_PER_PLUGIN);
    assert.equal(refused.length, 4_000 - MAX_BLOCKS_PER_PLUGIN);
    assert.deepEqual(allocation.place([ROOM], 'pi4', NONE).refused, []);
  });

  it('cannot leave the range of blocks together with its friends', () => {
    const allocation = new Allocation();
    for (const plugin of ['a', 'b', 'c']) {
      const invented = Array.from({ length: 600 }, (_, index) => readingOf({ plugin, sensorId: `s${index}` }));
      allocation.place(invented, 'pi4', NONE);
    }
    const last = allocation.nodes()[0]?.blocks.at(-1);
    assert.equal(last?.address, END_OF_BLOCKS - 8);
    assert.equal(allocation.place([ROOM], 'pi4', NONE).added, false);
  });

  it('is given no register for a name too long to keep', () => {
    const allocation = new Allocation();
    const { refused } = allocation.place([readingOf({ sensorId: 'x'.repeat(257) })], 'pi4', NONE);
    assert.equal(refused.length, 2);
  });
});
