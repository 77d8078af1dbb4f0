/** The arguments of `edge-wasi doctor` as what is wanted, or as what is wrong with them. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DoctorOptions } from './context';

export type Wanted =
  | { readonly kind: 'doctor'; readonly json: boolean; readonly root: string; readonly options: DoctorOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const USAGE = `Usage: edge-wasi doctor [options]

Looks whether this machine has what real sensors need, and says what to mend.

  --user <name>        check for this user (else: the one of Node-RED's service, else you)
  --user-dir <path>    Node-RED's user directory (else: .node-red in that user's home)
  --host-toml <path>   host.toml (else: wasi/host.toml in the user directory, else the defaults)
  --plugin-dir <path>  plugin folder (else: wasi/plugins in the user directory)
  --root <path>        look at the files below this folder, such as a mounted card, instead of those below /;
                       systemd and Node.js are still those of this machine
  --json               print JSON
  --help

Exit code: 0 nothing to mend, 1 something is missing that host.toml asks for, 2 wrong usage,
           3 this command failed itself.
`;

const OPTIONS = {
  user: { type: 'string' },
  'user-dir': { type: 'string' },
  'host-toml': { type: 'string' },
  'plugin-dir': { type: 'string' },
  root: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Relative paths are taken from `cwd`. */
export function parseCommandLine(args: readonly string[], cwd: string): Wanted {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    // parseArgs says what it does not know; its second sentence is advice for programmers.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'usage', problem: reason.split('. ')[0] ?? reason };
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  if (positionals.length > 0) return { kind: 'usage', problem: `Unexpected argument '${positionals[0]}'` };
  const empty = Object.entries(values).find(([, value]) => value === '');
  if (empty) return { kind: 'usage', problem: `Option '--${empty[0]}' needs a value` };
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path));
  const options = {
    user: values.user,
    userDir: absolute(values['user-dir']),
    hostToml: absolute(values['host-toml']),
    pluginDir: absolute(values['plugin-dir']),
  };
  return { kind: 'doctor', json: values.json === true, root: absolute(values.root) ?? '/', options };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}
