/**
 * What happens to clusters, each as a deed and its undoing. A fault is over when it is healed; whether the cluster goes on
 * during it is part of what it is: a majority that is connected does, nothing else does.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../fuzz/random';
import type { EtcdCluster } from './etcd-cluster';
import { type Partitions, partition } from './partitions';
import type { PeerLinks } from './peer-links';
import type { Workload } from './workload';

export interface Scene {
  readonly cluster: EtcdCluster;
  readonly work: Workload;
  readonly partitions: Partitions;
  /** Where links can be bad in more ways than cut. */
  readonly links: PeerLinks | undefined;
  readonly random: Random;
}

export interface Fault {
  readonly name: string;
  readonly needsLinks?: boolean;
  run(scene: Scene): Promise<void>;
}

const LEARNER = 'd';
/** Longer than an election. */
const LASTING_MS = 4_500;

const names = ({ cluster }: Scene) => cluster.members.map(({ name }) => name);

async function votersOf({ cluster }: Scene): Promise<string[]> {
  return cluster.members.slice(0, 3).map(({ name }) => name);
}

/** Killed by the power, back when the others have gone on without it. */
async function killed(scene: Scene, name: string): Promise<void> {
  const member = scene.cluster.member(name);
  await member.kill();
  await scene.work.goesOn();
  await pause(scene.random.below(1_000));
  member.start();
  await member.answers();
  await scene.work.goesOn();
}

/** Where a majority is connected, it goes on before anything is healed. */
async function apart(scene: Scene, groups: readonly (readonly string[])[]): Promise<void> {
  await partition(scene.partitions, names(scene), groups);
  if (groups.some((group) => group.filter((name) => name !== LEARNER).length > 1)) await scene.work.goesOn();
  else await pause(LASTING_MS);
  await scene.partitions.heal();
  await scene.work.goesOn();
}

async function leaderOf({ cluster }: Scene): Promise<string> {
  return (await cluster.leader()).name;
}

export const FAULTS: readonly Fault[] = [
  { name: 'the leader is killed', run: async (scene) => killed(scene, await leaderOf(scene)) },
  {
    name: 'a follower is killed',
    run: async (scene) => {
      const leader = await leaderOf(scene);
      const followers = (await votersOf(scene)).filter((name) => name !== leader);
      await killed(scene, scene.random.pickAny(followers) ?? leader);
    },
  },
  { name: 'the learner is killed', run: (scene) => killed(scene, LEARNER) },
  {
    name: 'all are killed at once',
    run: async ({ cluster, work }) => {
      await Promise.all(cluster.members.map((member) => member.kill()));
      for (const member of cluster.members) member.start();
      await Promise.all(cluster.members.map((member) => member.answers()));
      await work.goesOn();
    },
  },
  {
    name: 'the leader sleeps',
    run: async (scene) => {
      const leader = await scene.cluster.leader();
      leader.freeze();
      await scene.work.goesOn();
      leader.thaw();
      await scene.work.goesOn();
    },
  },
  {
    name: 'the leader is alone',
    run: async (scene) => {
      const leader = await leaderOf(scene);
      await apart(scene, [names(scene).filter((name) => name !== leader)]);
    },
  },
  {
    name: 'two and two: the leader with the learner, the other voters',
    run: async (scene) => {
      const leader = await leaderOf(scene);
      await apart(scene, [[leader, LEARNER], (await votersOf(scene)).filter((name) => name !== leader)]);
    },
  },
  { name: 'the learner is alone', run: async (scene) => apart(scene, [await votersOf(scene)]) },
  {
    name: 'the holder of the lease is alone until another holds it',
    run: async (scene) => {
      const holder = scene.work.holder ?? 'a';
      await partition(scene.partitions, names(scene), [names(scene).filter((name) => name !== holder)]);
      await scene.work.anotherHolds(holder);
      await scene.partitions.heal();
      await scene.work.goesOn();
    },
  },
  { name: 'everybody is alone', run: (scene) => apart(scene, []) },
  {
    name: 'the leader hears and is not heard',
    run: async (scene) => {
      const leader = await leaderOf(scene);
      for (const to of names(scene)) if (to !== leader) await scene.partitions.cut(leader, to);
      await scene.work.goesOn();
      await scene.partitions.heal();
      await scene.work.goesOn();
    },
  },
  {
    name: 'links are slow and lossy',
    needsLinks: true,
    run: async ({ links, work }) => {
      links?.setEverywhere({ kind: 'slow', delayMs: 60, jitterMs: 60, lossRate: 0.05 });
      await pause(LASTING_MS);
      await work.goesOn();
      await links?.heal();
    },
  },
  {
    name: 'links are cut again and again',
    needsLinks: true,
    run: async ({ links, work }) => {
      links?.setEverywhere({ kind: 'slow', delayMs: 5, resetRate: 0.02 });
      await pause(LASTING_MS);
      await links?.heal();
      await work.goesOn();
    },
  },
  {
    name: 'links carry 20 kB a second',
    needsLinks: true,
    run: async ({ links, work }) => {
      links?.setEverywhere({ kind: 'slow', delayMs: 10, bytesPerSecond: 20_000 });
      await pause(LASTING_MS);
      await links?.heal();
      await work.goesOn();
    },
  },
];
