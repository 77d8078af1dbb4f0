import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Allocation } from '../../src/modbus/allocation';
import type { WordOrder } from '../../src/modbus/encoding';
import { RegisterImage } from '../../src/modbus/register-image';
import { BLOCK, END_OF_BLOCKS, HEADER, STATUS } from '../../src/modbus/register-layout';
import { mapCsv, registerMap } from '../../src/modbus/register-map';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from '../readings/reading-of';

const TEMPERATURE = 32;
const HUMIDITY = 40;
const DATE = 1_000_000;

class World {
  nowMs = 500;
  readonly allocation = new Allocation();
  readonly image: RegisterImage;

  constructor(settings: { unitId?: number; wordOrder?: WordOrder } = {}) {
    const clock = { monotonic: () => this.nowMs, now: () => DATE + this.nowMs };
    const { unitId = 1, wordOrder = 'ABCD' } = settings;
    this.image = new RegisterImage({ unitId, wordOrder, staleAfterSeconds: 10 }, clock);
  }

  read(...readings: Reading[]): readonly string[] {
    this.allocation.place(readings, 'pi4', new Set());
    const without = this.image.adopt(this.allocation.nodes());
    this.image.update(readings, 'pi4');
    return without;
  }

  pass(seconds: number): void {
    this.nowMs += seconds * 1_000;
    this.image.tick();
  }

  float(address: number, unitId = 1): number {
    return this.bytes(address, 2, unitId).readFloatBE(0);
  }

  word(address: number, unitId = 1): number {
    return this.bytes(address, 1, unitId).readUInt16BE(0);
  }

  bytes(address: number, quantity: number, unitId = 1): Buffer {
    const bytes = this.image.image(unitId)?.read(address, quantity);
    assert.ok(bytes !== undefined, `unit ${unitId} has no registers ${address} to ${address + quantity - 1}`);
    return bytes;
  }

  /** Value, status and age of a block. */
  block(address: number, unitId = 1): [number, number, number] {
    const word = (offset: number) => this.word(address + offset, unitId);
    return [this.float(address, unitId), word(BLOCK.status), word(BLOCK.age)];
  }
}

describe('the block of a field', () => {
  it('holds value, int16, status, age and factor', () => {
    const world = new World();
    world.read(readingOf());
    assert.equal(world.bytes(TEMPERATURE, 8).toString('hex'), '41ac00000866000100000064' + '00000000');
    world.pass(3);
    assert.deepEqual(world.block(TEMPERATURE), [21.5, STATUS.good, 3]);
    world.read(readingOf({ values: { temperature: 22, humidity: 41 } }));
    assert.deepEqual(world.block(TEMPERATURE), [22, STATUS.good, 0]);
  });

  it('has its words in the order that was chosen', () => {
    const world = new World({ wordOrder: 'CDAB' });
    world.read(readingOf());
    assert.equal(world.bytes(TEMPERATURE, 2).toString('hex'), '000041ac');
    world.pass(70_000);
    assert.equal(world.bytes(HEADER.upSeconds, 2).readUInt16BE(0), 70_000 & 0xffff);
  });

  it('is NaN and stale once it is too old, and good again with the next reading', () => {
    const world = new World();
    world.read(readingOf());
    world.pass(10);
    assert.deepEqual(world.block(TEMPERATURE), [21.5, STATUS.good, 10]);
    world.pass(1);
    assert.deepEqual(world.block(TEMPERATURE), [Number.NaN, STATUS.stale, 11]);
    assert.equal(world.bytes(TEMPERATURE + BLOCK.scaled, 1).readInt16BE(0), -32_768);
    world.pass(1e6);
    assert.equal(world.word(TEMPERATURE + BLOCK.age), 65_535);
    world.read(readingOf());
    assert.deepEqual(world.block(TEMPERATURE), [21.5, STATUS.good, 0]);
  });

  it('is NaN and stale as soon as a poll of its sensor failed, and good again with the next reading', () => {
    const world = new World();
    world.read(readingOf());
    world.image.expire([readingOf()], 'pi4');
    assert.deepEqual(world.block(TEMPERATURE), [Number.NaN, STATUS.stale, 0]);
    assert.equal(world.word(HEADER.nodeStatus), STATUS.stale);
    world.read(readingOf());
    assert.deepEqual(world.block(TEMPERATURE), [21.5, STATUS.good, 0]);
  });

  it('is NaN and missing where the newest reading has no number for it', () => {
    const world = new World();
    world.read(readingOf());
    world.read(readingOf({ values: { temperature: 20 } }));
    assert.deepEqual(world.block(HUMIDITY), [Number.NaN, STATUS.missing, 0]);
    assert.deepEqual(world.block(TEMPERATURE), [20, STATUS.good, 0]);
    world.read(readingOf({ values: { temperature: 20, humidity: 'wet' } }));
    assert.equal(world.word(HUMIDITY + BLOCK.status), STATUS.missing);
  });

  it('is NaN and never read where a sensor was known before but not heard since', () => {
    const world = new World();
    world.allocation.place([readingOf()], 'pi4', new Set());
    world.image.adopt(world.allocation.nodes());
    assert.deepEqual(world.block(TEMPERATURE), [Number.NaN, STATUS.never, 65_535]);
    world.pass(100);
    assert.deepEqual(world.block(TEMPERATURE), [Number.NaN, STATUS.never, 65_535]);
    world.image.expire([readingOf()], 'pi4');
    assert.deepEqual(world.block(TEMPERATURE), [Number.NaN, STATUS.never, 65_535], 'what was never read is not lost');
  });
});

describe('the age of a reading', () => {
  it('counts from its arrival where it is this node’s own, whatever its guest says the time is', () => {
    const world = new World();
    world.read(readingOf({ timestamp: 0 }));
    assert.deepEqual(world.block(TEMPERATURE), [21.5, STATUS.good, 0]);
  });

  it('counts from its timestamp where it is another node’s, or was there before the gateway', () => {
    const world = new World();
    world.read(readingOf({ node: 'pi5', timestamp: DATE + world.nowMs - 4_000 }));
    assert.deepEqual(world.block(TEMPERATURE, 2), [21.5, STATUS.good, 4]);
    const before = readingOf({ timestamp: DATE - 60_000 });
    world.allocation.place([before], 'pi4', new Set());
    world.image.adopt(world.allocation.nodes());
    world.image.recall([before], 'pi4');
    assert.equal(world.word(TEMPERATURE + BLOCK.status), STATUS.stale);
  });

  it('is 0 where the other node’s clock is ahead', () => {
    const world = new World();
    world.read(readingOf({ node: 'pi5', timestamp: DATE * 2 }));
    assert.deepEqual(world.block(TEMPERATURE, 2), [21.5, STATUS.good, 0]);
  });
});

describe('the header', () => {
  it('has version, heartbeat, state and counts at fixed registers', () => {
    const world = new World({ unitId: 7 });
    world.read(readingOf(), readingOf({ node: 'pi5', timestamp: DATE }));
    world.pass(5);
    const header = (unitId: number) =>
      Object.fromEntries(Object.entries(HEADER).map(([name, at]) => [name, world.word(at, unitId)]));
    const expected = {
      layoutVersion: 1,
      heartbeat: 5,
      upSeconds: 0,
      nodeStatus: STATUS.good,
      nodeAge: 5,
      blocks: 2,
      goodBlocks: 2,
      units: 2,
      gatewayUnit: 7,
      clusterState: 0,
      leaderUnit: 0,
      members: 0,
      healthyMembers: 0,
    };
    assert.deepEqual(header(7), expected);
    world.pass(6);
    assert.deepEqual([header(8)['nodeStatus'], header(8)['goodBlocks']], [STATUS.stale, 0]);
  });

  it('tells of the cluster: alone, follower, leader, cut off', () => {
    const world = new World({ unitId: 7 });
    world.read(readingOf(), readingOf({ node: 'pi5' }));
    const cluster = () =>
      [HEADER.clusterState, HEADER.leaderUnit, HEADER.members, HEADER.healthyMembers].map((at) => world.word(at, 8));
    const members = [
      { node: 'pi4', healthy: true },
      { node: 'pi5', healthy: false },
    ];
    world.image.setCluster({ connected: true, isLeader: false, leader: 'pi5', members });
    assert.deepEqual(cluster(), [1, 8, 2, 1]);
    world.image.setCluster({ connected: true, isLeader: true, leader: 'pi4', members });
    assert.deepEqual(cluster(), [2, 7, 2, 1]);
    world.image.setCluster({ connected: false, isLeader: false, leader: undefined, members: [] });
    assert.deepEqual(cluster(), [3, 0, 0, 0]);
    world.image.setCluster(undefined);
    assert.deepEqual(cluster(), [0, 0, 0, 0]);
  });
});

describe('a range', () => {
  it('ends with the last block: what is no register is not read', () => {
    const world = new World();
    world.read(readingOf());
    const unit = world.image.image(1);
    assert.equal(unit?.read(0, 48)?.length, 96);
    for (const [address, quantity] of [
      [0, 49],
      [48, 1],
      [47, 2],
      [END_OF_BLOCKS - 1, 1],
      [65_535, 2],
    ] as const)
      assert.equal(unit?.read(address, quantity), undefined, `${address}+${quantity}`);
  });
});

describe('unit ids', () => {
  it('end at 247: a node above it has none, and is named', () => {
    const world = new World({ unitId: 246 });
    const without = world.read(readingOf(), readingOf({ node: 'a' }), readingOf({ node: 'b' }));
    assert.deepEqual(without, ['b']);
    assert.deepEqual(
      [world.image.unitIdOf(undefined), world.image.unitIdOf('a'), world.image.unitIdOf('b')],
      [246, 247, undefined],
    );
  });
});

describe('the map', () => {
  it('has an entry for each field, with unit id, address and reference', () => {
    const world = new World();
    world.read(readingOf(), readingOf({ node: 'pi5', values: { pressure: 1013 }, units: { pressure: 'hPa' } }));
    const map = registerMap(world.allocation.nodes(), world.image, 'pi4');
    assert.deepEqual(map[0], {
      unitId: 1,
      address: 32,
      reference: '40033',
      type: 'float32',
      node: 'pi4',
      plugin: 'dht22',
      sensor: 'room',
      field: 'temperature',
      physicalUnit: '°C',
      scale: 100,
    });
    assert.deepEqual(
      map.map(({ unitId, address, node, field }) => [unitId, address, node, field]),
      [
        [1, 32, 'pi4', 'temperature'],
        [1, 40, 'pi4', 'humidity'],
        [2, 32, 'pi5', 'pressure'],
      ],
    );
  });

  it('as CSV has every register, and nothing that a spreadsheet would calculate', () => {
    const world = new World();
    world.read(readingOf({ sensorId: '=cmd|"/c calc"!A1', values: { temperature: 1 } }));
    const lines = mapCsv(registerMap(world.allocation.nodes(), world.image, 'pi4')).split('\r\n');
    assert.equal(lines[0], 'unitId,address,holding,input,type,node,plugin,sensor,field,register,physicalUnit,scale');
    assert.equal(lines[2], '1,1,40002,30002,uint16,pi4,,,,heartbeat,,');
    assert.equal(lines.at(-6), `1,32,40033,30033,float32,pi4,dht22,"'=cmd|""/c calc""!A1",temperature,value,°C,`);
    assert.match(lines.at(-5) ?? '', /^1,34,40035,30035,int16,.*,scaled,°C,100$/);
    assert.match(lines.at(-3) ?? '', /,age,s,$/);
  });

  it('as CSV escapes what the history escapes: line breaks and full-width signs too', () => {
    const world = new World();
    world.read(readingOf({ sensorId: '\ncmd', values: { '＝field': 1 } }));
    const csv = mapCsv(registerMap(world.allocation.nodes(), world.image, 'pi4'));
    assert.ok(csv.includes(`,"'\ncmd",'＝field,value,`));
  });
});
