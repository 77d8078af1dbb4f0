/** The arguments of `edge-wasi cluster …` as what is wanted, or as what is wrong with them. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { TlsFiles } from './member-settings';

export type Role = 'leader-preferred' | 'voter' | 'learner';

/** How to reach a cluster that runs. */
export interface Access {
  /** Client URLs; none: those of this machine's own member. */
  readonly urls: readonly string[];
  readonly tls: TlsFiles | undefined;
  readonly login: { readonly user: string; readonly passwordFile: string } | undefined;
}

/** What is written, and where. */
export interface Target {
  readonly name: string;
  /** Of this machine, for the others. */
  readonly address: string;
  readonly role: Role;
  readonly root: string;
  readonly isDryRun: boolean;
}

export type Wanted =
  | { readonly kind: 'init'; readonly target: Target; readonly access: Access }
  | { readonly kind: 'join'; readonly target: Target; readonly access: Access }
  | { readonly kind: 'status'; readonly root: string; readonly access: Access; readonly json: boolean }
  | { readonly kind: 'promote' | 'remove'; readonly root: string; readonly access: Access; readonly name: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly problem: string };

export const USAGE = `Usage: edge-wasi cluster init    --name <node> --address <ip> [options]
       edge-wasi cluster join    --name <node> --address <ip> --role <role> --cluster <url> [options]
       edge-wasi cluster status  [options]
       edge-wasi cluster promote <node> [options]
       edge-wasi cluster remove  <node> [options]

Sets up this machine's etcd and looks after the cluster. init founds it with this machine alone; each further machine joins,
one after the other, voters before the learner. init and join look first, write /etc/edge-wasi/etcd.env and a drop-in for
etcd.service, and start it.

  --name <node>        what host.toml calls this node ([cluster] node_id)
  --address <ip>       of this machine, by which the others reach it
  --role <role>        leader-preferred (init's) | voter | learner: never votes, for a slow machine
  --cluster <url,…>    clients' URLs of members that run, such as http://10.0.0.1:2379
                       (else: this machine's own member)
  --tls-ca, --tls-cert, --tls-key <path>
                       PEM files, for https between members and to clients
  --user <name>, --password-file <path>
                       where etcd's authentication is on
  --dry-run            show what would be written, and change nothing
  --root <path>        write below this folder, and start nothing
  --json               status as JSON
  --help

Exit code: 0 done, 1 not done and why, 2 wrong usage, 3 this command failed itself.
`;

const OPTIONS = {
  name: { type: 'string' },
  address: { type: 'string' },
  role: { type: 'string' },
  cluster: { type: 'string' },
  'tls-ca': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
  root: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const ROLES: readonly Role[] = ['leader-preferred', 'voter', 'learner'];
/** As host.toml's [cluster] node_id; etcd takes nearly anything. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const CLIENT_URL = /^https?:\/\/[^\s/?#@,]+$/;

/** Where a server listens to all; to another machine each means that one itself. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

class WrongUsage extends Error {}

type Values = ReturnType<typeof parse>['values'];

/** Relative paths are taken from `cwd`. */
export function parseClusterCommand(args: readonly string[], cwd: string): Wanted {
  try {
    const { values, positionals } = parse(args);
    return values.help ? { kind: 'help' } : wanted(values, positionals, cwd);
  } catch (error) {
    // parseArgs says what it does not know; its second sentence is advice for programmers.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'usage', problem: reason.split('. ')[0] ?? reason };
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

function wanted(values: Values, positionals: readonly string[], cwd: string): Wanted {
  const empty = Object.entries(values).find(([, value]) => value === '');
  if (empty) throw new WrongUsage(`Option '--${empty[0]}' needs a value`);
  const [command, ...names] = positionals;
  const access = accessOf(values, cwd);
  const root = resolve(cwd, values.root ?? '/');
  switch (command) {
    case 'init':
    case 'join':
      none(names);
      return { kind: command, target: targetOf(values, command, root), access };
    case 'status':
      none(names);
      return { kind: command, root, access, json: values.json === true };
    case 'promote':
    case 'remove':
      none(names.slice(1));
      return { kind: command, root, access, name: required(names[0], `which node to ${command}`, NAME) };
    case undefined:
      throw new WrongUsage('No cluster command was given');
    default:
      throw new WrongUsage(`Unknown cluster command '${command}'`);
  }
}

function targetOf(values: Values, command: 'init' | 'join', root: string): Target {
  const address = required(values.address, "this machine's address with --address");
  if (isIP(address) === 0) throw new WrongUsage(`--address takes an IP address, not '${address}'`);
  if (UNSPECIFIED.has(address))
    throw new WrongUsage(`--address takes an address by which others reach this machine, not '${address}'`);
  // Neither a URL nor etcd takes it (RFC 6874).
  if (address.includes('%'))
    throw new WrongUsage(`--address takes no interface, which means nothing to the others: '${address}'`);
  const role = ROLES.find((known) => known === (values.role ?? (command === 'init' ? 'leader-preferred' : '')));
  if (role === undefined) throw new WrongUsage(`--role takes one of ${ROLES.join(', ')}`);
  if (command === 'init' && role === 'learner') throw new WrongUsage('A cluster is founded by a voter');
  if (command === 'join' && values.cluster === undefined)
    throw new WrongUsage('Say with --cluster which cluster to join');
  const name = required(values.name, 'what this node is called with --name', NAME);
  return { name, address, role, root, isDryRun: values['dry-run'] === true };
}

function accessOf(values: Values, cwd: string): Access {
  const urls = values.cluster?.split(',') ?? [];
  const wrong = urls.find((url) => !CLIENT_URL.test(url));
  if (wrong !== undefined) throw new WrongUsage(`--cluster takes URLs such as http://10.0.0.1:2379, not '${wrong}'`);
  const files = [values['tls-ca'], values['tls-cert'], values['tls-key']];
  const [ca, cert, key] = files.map((path) => (path === undefined ? undefined : resolve(cwd, path)));
  // They become lines of a file that systemd reads.
  const odd = [ca, cert, key].find((path) => /["\\\n]/.test(path ?? ''));
  if (odd !== undefined) throw new WrongUsage(`'${odd}' is a path that systemd would misread`);
  const isTls = ca !== undefined && cert !== undefined && key !== undefined;
  if (!isTls && files.some((path) => path !== undefined))
    throw new WrongUsage('--tls-ca, --tls-cert and --tls-key go together');
  const { user, 'password-file': passwordFile } = values;
  if ((user === undefined) !== (passwordFile === undefined))
    throw new WrongUsage('--user and --password-file go together');
  return {
    urls,
    tls: isTls ? { ca, cert, key } : undefined,
    login: user && passwordFile ? { user, passwordFile: resolve(cwd, passwordFile) } : undefined,
  };
}

function required(value: string | undefined, what: string, pattern = /./): string {
  if (value === undefined) throw new WrongUsage(`Say ${what}`);
  if (!pattern.test(value)) throw new WrongUsage(`'${value}' is no name of a node`);
  return value;
}

function none(names: readonly string[]): void {
  if (names.length > 0) throw new WrongUsage(`Unexpected argument '${names[0]}'`);
}
