/** The common second half of init and join: shows or writes the files, starts etcd, says what is left to do. */
import type { Target } from './command-line';
import type { Findings } from './look-first';
import { Refusal } from './refusal';
import { DROP_IN_FILE, type SetupFile, writeFiles } from './setup-files';
import type { Surroundings } from './surroundings';

/** Throws Refusal where there is a problem. */
export function tell({ problems, warnings }: Findings, say: Surroundings['say']): void {
  for (const warning of warnings) say(`warning: ${warning}`);
  if (problems.length > 0) throw new Refusal('Nothing was changed.', problems);
}

export function show(files: readonly SetupFile[], say: Surroundings['say']): void {
  for (const { path, text } of files) say(`--- ${path}\n${text}`);
  say('Nothing was changed.');
}

/** Whether etcd runs now. */
export async function place(
  target: Target,
  files: readonly SetupFile[],
  { machine, say }: Surroundings,
): Promise<boolean> {
  try {
    await writeFiles(target.root, files);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`The files cannot be written: ${reason}.`, ['Type it with sudo.'], { cause: error });
  }
  for (const { path } of files) say(`wrote ${path}`);
  const outcome = await machine.startEtcd(target.root);
  switch (outcome.kind) {
    case 'started':
      say('started etcd.service');
      return true;
    case 'by-hand':
      say(`etcd was not started, since ${outcome.because}. There:`);
      say('$ sudo systemctl daemon-reload && sudo systemctl enable etcd && sudo systemctl restart etcd');
      return false;
    case 'failed':
      throw new Refusal(`etcd does not start: ${outcome.says}.`, [
        '$ journalctl -u etcd -n 50',
        `What it was told is in the file that ${DROP_IN_FILE} names.`,
      ]);
  }
}
