/** The groups of figures, in the order in which they are measured and reported. */
import * as cluster from './groups/cluster.mjs';
import * as memory from './groups/memory.mjs';
import * as page from './groups/page.mjs';
import * as poll from './groups/poll.mjs';
import * as start from './groups/start.mjs';

/** `measure(task)` resolves with the results of its processes by their names, `rows(results)` makes figures of them. */
export const GROUPS = { start, poll, memory, page, cluster };
export const GROUP_NAMES = Object.keys(GROUPS);

/** All groups where none is named. Throws for a name that is no group. */
export function chosenGroups(names) {
  const unknown = names.filter((name) => !GROUP_NAMES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`there is no group ${unknown.join(', ')}; the groups are ${GROUP_NAMES.join(', ')}`);
  }
  return names.length === 0 ? GROUP_NAMES : GROUP_NAMES.filter((name) => names.includes(name));
}
