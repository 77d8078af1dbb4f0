/** Group "memory": memory of Node-RED with this package and of the processes it starts, above that of Node-RED alone. */
import { join } from 'node:path';
import { together } from '../processes.mjs';
import { row } from '../row.mjs';

const TARGET_MB = 220;

/**
 * The processes spend most of their time at rest, and what memory they take does not depend on each other: they run at once.
 * What all of them share, such as the program of Node.js, counts less for each of them then, in all of them alike.
 */
export async function measure({ folder, guestsDir }) {
  const [alone, ...stages] = await together(
    ['node-red-alone', 'memory-without-plugins', 'memory-polls', 'memory-reloads', 'new-build-memory'],
    (script) => ({ userDir: join(folder, script), guestsDir }),
  );
  return { alone, stages: Object.assign({}, ...stages) };
}

export function rows({ alone, stages }) {
  const above = (id, figure, target) =>
    row({
      id: `memory.${id}`,
      figure: `memory above Node-RED alone: ${figure}`,
      unit: 'MB',
      target,
      runs: [stages],
      pick: (run) => run[id] - alone.totalMb,
      baseline: { name: 'Node-RED alone', of: () => alone.totalMb },
    });
  return [
    above('installed', 'package installed, no flow'),
    above('runtimeOpen', 'a runtime without plugins'),
    above('readyAtOnce', 'the four bundled plugins just started'),
    above('ready', 'the four bundled plugins at rest', TARGET_MB),
    above('polled', 'the four bundled plugins after 1 000 polls and renders', TARGET_MB),
    above('peak', 'the most during start, polls and renders'),
    above('reloaded', 'the four bundled plugins after ten reloads of one'),
    above('newFile', 'a fifth, new Python plugin beside them, at rest'),
    above('newBuilds', 'that plugin after two new builds were copied over it'),
    above('newBuildsPeak', 'the most while these new builds were prepared'),
  ];
}
