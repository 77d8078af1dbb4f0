/**
 * What happens to etcd's content, to the way that nodes find it, and to their clocks: faults beside those of faults.ts, each
 * with its undoing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientLinks } from './client-links';
import { call, encoded, put, Refusal } from './etcd-calls';
import type { Fault, Scene } from './faults';
import type { SteppedClock } from './stepped-clock';

export interface StoreScene extends Scene {
  readonly clients: ClientLinks;
  readonly clocks: ReadonlyMap<string, SteppedClock>;
}

const PREFIX = '/edge-wasi/v1/';
const FOREIGN = `${PREFIX}somebody-else/`;
const ELSEWHERE = '/other-program/';
/** The largest value that etcd takes is a little larger. */
const VALUE = 'x'.repeat(1_400_000);
const LARGE_KEYS = 12;
const LASTING_MS = 3_000;
/** Room is made within some 20 s. */
const ROOM_LIMIT_MS = 90_000;
const DAY_MS = 24 * 3_600_000;
const NO_SPACE = 8;

const http = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

const FOREIGN_RESPONSES = [
  http('200 OK', '{}'),
  http('200 OK', '{"header": {}, "kvs": null}'),
  http('200 OK', '<html></html>'),
  http('404 Not Found', '{"message": "no such page"}'),
  http('500 Internal Server Error', '{"error": "it went wrong"}'),
  http('302 Found', '', 'Location: http://127.0.0.1:9/\r\n'),
  'SSH-2.0-OpenSSH_9.2p1\r\n',
];

async function remove(url: string, prefix: string): Promise<void> {
  const end = `${prefix.slice(0, -1)}0`;
  await call(url, 'kv/deleterange', { key: encoded(prefix), range_end: encoded(end) }, 20_000);
}

async function whileCutOff(scene: StoreScene, node: string, work: (url: string) => Promise<void>): Promise<void> {
  scene.clients.cutOff(node);
  try {
    await work((await scene.cluster.leader()).clientUrl);
  } finally {
    await scene.clients.heal();
  }
}

const anyNode = ({ cluster, random }: StoreScene) => random.pickAny(cluster.members.map(({ name }) => name)) ?? 'a';

export const STORE_FAULTS: readonly (Omit<Fault, 'run'> & { run(scene: StoreScene): Promise<void> })[] = [
  {
    name: 'another service responds at the address of a member',
    run: async (scene) => {
      const voter = scene.random.pickAny(scene.cluster.members.slice(0, 3).map(({ name }) => name)) ?? 'a';
      scene.clients.impersonate(voter, scene.random.pickAny(FOREIGN_RESPONSES) ?? '');
      await scene.work.goesOn();
      await scene.clients.heal();
      await scene.work.goesOn();
    },
  },
  {
    name: 'one node finds another service at every address',
    run: async (scene) => {
      const node = anyNode(scene);
      const answer = scene.random.pickAny(FOREIGN_RESPONSES) ?? '';
      for (const { name } of scene.cluster.members) scene.clients.impersonate(name, answer, node);
      await pause(LASTING_MS);
      await scene.clients.heal();
      await scene.work.goesOn();
    },
  },
  {
    name: 'another program writes large values below the prefix, while a node is away',
    run: async (scene) => {
      await whileCutOff(scene, anyNode(scene), async (url) => {
        for (let n = 0; n < LARGE_KEYS; n++) await put(url, `${FOREIGN}${n}`, VALUE, 20_000);
      });
      await scene.work.goesOn();
      await remove((await scene.cluster.leader()).clientUrl, FOREIGN);
      await scene.work.goesOn();
    },
  },
  {
    name: 'everything old is compacted while a node is away',
    run: async (scene) => {
      await whileCutOff(scene, anyNode(scene), async (url) => {
        await pause(LASTING_MS);
        const { header } = await call(url, 'kv/range', { key: encoded(PREFIX) });
        await call(url, 'kv/compaction', { revision: header.revision, physical: true }, 20_000);
      });
      await scene.work.goesOn();
    },
  },
  {
    name: "etcd's space is used up by another program, which then deletes what it wrote",
    run: async (scene) => {
      const { clientUrl } = await scene.cluster.leader();
      try {
        for (let n = 0; ; n++) await put(clientUrl, `${ELSEWHERE}${n}`, VALUE, 20_000);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== NO_SPACE) throw error;
      }
      await remove(clientUrl, ELSEWHERE);
      await scene.work.goesOn(ROOM_LIMIT_MS);
    },
  },
  {
    name: 'the clock of a node is set by a day',
    run: async (scene) => {
      const clock = scene.clocks.get(anyNode(scene));
      if (clock !== undefined) clock.aheadMs += scene.random.oneIn(2) ? DAY_MS : -DAY_MS;
      await scene.work.goesOn();
    },
  },
];
