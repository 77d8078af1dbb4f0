/** etcd's versions: which may be used, and which may be together in one cluster. */

interface Version {
  readonly major: number;
  readonly minor: number;
}

/** Learners, and the JSON gateway under /v3. */
const OLDEST: Version = { major: 3, minor: 4 };

export function parseVersion(text: string): Version | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

export function isTooOld(text: string): boolean {
  const version = parseVersion(text);
  return version === undefined || compare(version, OLDEST) < 0;
}

/**
 * A member older than the cluster is refused by it, and one that is two steps newer than another cannot talk to it (etcd's
 * upgrade guides: one minor version at a time). `others`: of the members. Says what is wrong.
 */
export function misfit(own: string, others: readonly string[]): string | undefined {
  const mine = parseVersion(own);
  const known = others.flatMap((text) => parseVersion(text) ?? []).sort(compare);
  const oldest = known[0];
  if (!mine || !oldest) return undefined;
  if (compare(mine, oldest) < 0) return `etcd ${own} here is older than the cluster's oldest, ${shown(oldest)}`;
  if (mine.major === oldest.major && mine.minor <= oldest.minor + 1) return undefined;
  return `etcd ${own} here is more than one step newer than the cluster's oldest, ${shown(oldest)}`;
}

function compare(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor;
}

function shown({ major, minor }: Version): string {
  return `${major}.${minor}`;
}
