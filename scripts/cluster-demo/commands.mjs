/** Lines that are typed while the demonstration runs. Pure. */
import { PARTS } from './demo-cluster.mjs';

export const HELP = `Type: kill pi4            both programs of pi4 are gone, as if its power had failed
      kill pi4 etcd       one of them: etcd or node-red
      start pi4           whatever of pi4 does not run
      table               what runs where
      quit                or Ctrl-C: ends all eight processes`;

const PLAIN = { '': 'nothing', help: 'help', '?': 'help', table: 'table', quit: 'quit', exit: 'quit' };

/** `{kind: "kill" | "start", node, part?}`, one of the plain ones, or `{kind: "wrong", problem}`. */
export function commandOf(line, plan) {
  const [verb = '', node, part, ...more] = line.trim().split(/\s+/);
  if (Object.hasOwn(PLAIN, verb) && node === undefined) return { kind: PLAIN[verb] };
  if (verb !== 'kill' && verb !== 'start') return { kind: 'wrong', problem: `"${verb}" is none of these` };
  const names = plan.map((planned) => planned.node);
  if (!names.includes(node)) return { kind: 'wrong', problem: `say which node: ${names.join(', ')}` };
  if ((part !== undefined && !PARTS.includes(part)) || more.length > 0)
    return { kind: 'wrong', problem: `a node has ${PARTS.join(' and ')}` };
  return { kind: verb, node, part };
}
