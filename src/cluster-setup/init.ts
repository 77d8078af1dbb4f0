/** `edge-wasi cluster init`: founds a cluster of this machine alone. */
import { clientUrl, peerUrl } from './addresses';
import type { Access, Target } from './command-line';
import { lookAtMachine } from './look-first';
import { hostTomlLines, plannedFiles } from './member-file-plan';
import { readTls } from './open-access';
import { place, show, tell } from './placing';
import type { Surroundings } from './surroundings';

export async function init(target: Target, access: Access, around: Surroundings): Promise<void> {
  const { machine, say } = around;
  const tls = access.tls === undefined ? undefined : await readTls(access.tls);
  tell(await lookAtMachine(target, tls, machine), say);
  const isTls = tls !== undefined;
  const files = plannedFiles(target, access.tls, {
    initialCluster: new Map([[target.name, peerUrl(target.address, isTls)]]),
    initialState: 'new',
    arch: machine.arch,
  });
  if (target.isDryRun) return show(files, say);
  await place(target, files, around);
  const own = clientUrl(target.address, isTls);
  say('\nhost.toml of this node:');
  for (const line of hostTomlLines(target, [own], access.tls)) say(`| ${line}`);
  say('\nThen on each further machine, one after the other, the learner last:');
  say(`$ sudo npx edge-wasi cluster join --name NAME --address ADDRESS --role voter --cluster ${own}`);
}
