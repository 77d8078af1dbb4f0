/**
 * Members that cannot reach one another, by whatever means this machine has (namespaces.ts, peer-links.ts): packets vanish,
 * nobody is told. Clients on the test's side reach all of them all the time.
 */
export interface Partitions {
  readonly kind: 'namespaces' | 'proxies';
  /** Nothing that `from` sends reaches `to`. */
  cut(from: string, to: string): Promise<void>;
  heal(): Promise<void>;
}

/** Whoever is in none of the groups is alone. */
export async function partition(
  partitions: Partitions,
  all: readonly string[],
  groups: readonly (readonly string[])[],
): Promise<void> {
  const groupOf = (name: string) => groups.find((group) => group.includes(name)) ?? [name];
  for (const from of all) {
    const unreachable = all.filter((to) => to !== from && !groupOf(from).includes(to));
    for (const to of unreachable) await partitions.cut(from, to);
  }
}
