/**
 * Whether the machine that is looked at is a container: by what Docker and Podman leave in it, by the names of its control
 * groups, by the variable `container` of its first process, and by the token that Home Assistant's Supervisor gives an add-on.
 * What is mended then is its description (compose.yaml, an add-on's config.yaml) or the machine outside, never the inside, which
 * is thrown away with the container.
 */
import type { Fix } from './fix';
import type { SystemFiles } from './system-files';

export type Container = { readonly kind: 'none' } | FoundContainer;

export interface FoundContainer {
  readonly kind: 'compose' | 'home-assistant';
  /** As users call it. */
  readonly name: string;
  /** What it was recognised by. */
  readonly sign: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A terabyte. */
const MOST_MB = 2 ** 20;
const NONE: Container = { kind: 'none' };
/** The second is its older name. */
const SUPERVISOR_TOKENS = ['SUPERVISOR_TOKEN', 'HASSIO_TOKEN'];
const FILES = [
  ['/.dockerenv', 'Docker'],
  ['/run/.containerenv', 'Podman'],
] as const;
/** cgroups(7): paths as Docker, Podman, Kubernetes, containerd and LXC name them. */
const CONTROL_GROUP = /[/:-](docker|libpod|kubepods|containerd|lxc)\b/;
const NAMES: Readonly<Record<string, string>> = { docker: 'Docker', libpod: 'Podman', podman: 'Podman', lxc: 'LXC' };
/** Where Node-RED's image and the add-on of Home Assistant have the user directory. */
const USER_DIRS: Readonly<Record<FoundContainer['kind'], string>> = { compose: '/data', 'home-assistant': '/config' };

/** `environment`: of this process, where it runs on the machine that is looked at. */
export async function readContainer(files: SystemFiles, environment: Environment): Promise<Container> {
  const token = SUPERVISOR_TOKENS.find((name) => environment[name]);
  if (token !== undefined) return { kind: 'home-assistant', name: 'Home Assistant add-on', sign: token };
  for (const [path, name] of FILES) if (await files.exists(path)) return { kind: 'compose', name, sign: path };
  const group = CONTROL_GROUP.exec((await files.text('/proc/1/cgroup')) ?? '')?.[1];
  if (group !== undefined) return named(group, '/proc/1/cgroup');
  // Only root and its own user may read it.
  const variable = /^container=(\S+)$/m.exec((await files.text('/proc/1/environ')) ?? '')?.[1];
  return variable === undefined ? NONE : named(variable, 'container= of its first process');
}

function named(what: string, sign: string): FoundContainer {
  return { kind: 'compose', name: NAMES[what] ?? 'container', sign };
}

/** Where Node-RED keeps its flows there; undefined where nobody has started it yet, or it is elsewhere. */
export async function userDirIn(files: SystemFiles, container: Container): Promise<string | undefined> {
  if (container.kind === 'none') return undefined;
  const folder = USER_DIRS[container.kind];
  for (const file of ['settings.js', 'flows.json', '.config.runtime.json'])
    if (await files.exists(`${folder}/${file}`)) return folder;
  return undefined;
}

/** Whether what lies at `path` is mounted so that nobody may write it (proc_pid_mounts(5)). */
export async function isReadOnly(files: SystemFiles, path: string): Promise<boolean> {
  const mounts = ((await files.text('/proc/self/mounts')) ?? '').split('\n').map((line) => line.split(' '));
  const above = mounts.filter(([, at = '']) => at === '/' || path === at || path.startsWith(`${at}/`));
  // The last one of the longest lies on top.
  const nearest = above.reduce<readonly string[]>(
    (best, mount) => ((mount[1] ?? '').length >= (best[1] ?? '').length ? mount : best),
    [],
  );
  return (nearest[3] ?? '').split(',').includes('ro');
}

/** Lines for the service in compose.yaml, or for the add-on's config.yaml. */
export function describedMend(container: FoundContainer, what: string, lines: readonly string[]): Fix {
  const where =
    container.kind === 'home-assistant'
      ? "the add-on's config.yaml, in a copy of the add-on of your own, and install that"
      : "Node-RED's service in compose.yaml, then `docker compose up -d`";
  return { how: `${what}: add this to ${where} (docs/docker.md)`, lines };
}

const OUTSIDE = 'on the machine itself, not in the container: ';

/** What needs root is outside: inside, root may do no more than the container, and what it changes is lost. */
export function mendOutside({ how, lines }: Fix): Fix {
  return { how: how.includes(OUTSIDE) ? how : `${OUTSIDE}${how}`, lines };
}

/** MB (cgroup v2, then v1); undefined where there is no limit, or nobody says. */
export async function memoryLimitMb(files: SystemFiles): Promise<number | undefined> {
  const text =
    (await files.text('/sys/fs/cgroup/memory.max')) ??
    (await files.text('/sys/fs/cgroup/memory/memory.limit_in_bytes')) ??
    '';
  const mb = Math.round(Number.parseInt(text, 10) / 2 ** 20);
  // Version 1 has a number that no machine has for none.
  return mb > 0 && mb < MOST_MB ? mb : undefined;
}

export function deviceLines({ kind }: FoundContainer, path: string): readonly string[] {
  return ['devices:', kind === 'home-assistant' ? `  - ${path}` : `  - "${path}:${path}"`];
}
