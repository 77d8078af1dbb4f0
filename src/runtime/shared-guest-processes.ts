/**
 * The processes of the guests, which all runtimes of a Node-RED with the same store of prepared components share: opened by
 * the first of them, closed by the last.
 */
import { realpath } from 'node:fs/promises';
import { failureReason } from '../errors/failure-reason';
import { WasiError } from '../errors/wasi-error';
import { GuestProcesses } from '../guest-process/guest-processes';
import { makeFolder } from '../platform/durable-file';

export interface GuestProcessesLease {
  readonly processes: GuestProcesses;
  /** Closes the processes with the last lease. Idempotent. */
  release(): Promise<void>;
}

interface Shared {
  readonly opened: Promise<GuestProcesses>;
  /** One for each lease. */
  readonly listeners: Set<(text: string) => void>;
}

/** By the folders that the processes may read. */
const shared = new Map<string, Shared>();

/**
 * `workFolder`: an empty folder, made where it is missing. `onEnd`: for the log, a process that ended by itself. Rejects with
 * PLUGIN_STORAGE.
 */
export async function leaseGuestProcesses(
  storeFolders: readonly string[],
  workFolder: string,
  onEnd: (text: string) => void,
): Promise<GuestProcessesLease> {
  const key = JSON.stringify([storeFolders, workFolder]);
  const entry = shared.get(key) ?? open(storeFolders, workFolder);
  shared.set(key, entry);
  // Before anything is awaited: a release meanwhile must not close what this lease is about to have.
  const listener = (text: string) => onEnd(text);
  entry.listeners.add(listener);
  let released: Promise<void> | undefined;
  const end = async () => {
    entry.listeners.delete(listener);
    if (entry.listeners.size > 0) return;
    if (shared.get(key) === entry) shared.delete(key);
    await (await entry.opened).close();
  };
  try {
    const processes = await entry.opened;
    return {
      processes,
      release() {
        released ??= end();
        return released;
      },
    };
  } catch (error) {
    entry.listeners.delete(listener);
    if (shared.get(key) === entry) shared.delete(key);
    throw error;
  }
}

function open(storeFolders: readonly string[], workFolder: string): Shared {
  const listeners = new Set<(text: string) => void>();
  return { opened: openProcesses(storeFolders, workFolder, listeners), listeners };
}

async function openProcesses(
  storeFolders: readonly string[],
  workFolder: string,
  listeners: ReadonlySet<(text: string) => void>,
): Promise<GuestProcesses> {
  return new GuestProcesses({
    storeFolders,
    workFolder: await madeFolder(workFolder),
    onEnd: (text) => {
      for (const listener of listeners) listener(text);
    },
  });
}

/** After links were followed, as the permission model of Node.js compares it. */
async function madeFolder(path: string): Promise<string> {
  try {
    await makeFolder(path);
    return await realpath(path);
  } catch (cause) {
    throw new WasiError(
      'PLUGIN_STORAGE',
      `the process of the plugins needs an empty folder, and ${path} cannot be made ${failureReason(cause)}`,
      { cause },
    );
  }
}
