/**
 * Memory and swap (proc_meminfo(5), kB). Node-RED with the four bundled plugins takes about 270 MB, and 330 MB while it
 * starts: a board with 512 MB, of which the kernel shows some 420, has room for that and little else.
 */
import { describedMend, memoryLimitMb } from '../container';
import type { DoctorContext } from '../context';
import { type Check, type Finding, ok, skipped, warning } from '../finding';
import type { SystemFiles } from '../system-files';

const KB_PER_MB = 1_024;
const SMALL_MB = 600;
const ENOUGH_SWAP_MB = 256;
const NEEDED_MB = 330;
const HEAP_MB = 256;
/** To prepare a plugin of one's own, a second process takes 240 MB for some seconds. */
const NEEDED_IN_CONTAINER_MB = NEEDED_MB + 240;

export const memory: Check = {
  id: 'memory',
  group: 'machine',
  title: 'Memory',
  async run(context) {
    const text = await context.files.text('/proc/meminfo');
    if (text === undefined) return skipped('there is no /proc/meminfo');
    const mb = (key: string) =>
      Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / KB_PER_MB);
    const [total, available, swap, freeSwap] = [mb('MemTotal'), mb('MemAvailable'), mb('SwapTotal'), mb('SwapFree')];
    const says = `${total} MB, ${available} MB available, ${swap} MB swap`;
    const tooLittle = await limitOfContainer(context);
    if (tooLittle) return tooLittle;
    if (total < SMALL_MB && swap < ENOUGH_SWAP_MB)
      return warning(says, `a board this small needs swap for installing and updating`, ...(await swapLines(context)));
    const isRunning = context.service.kind === 'found' && context.service.isRunning;
    if (!isRunning && available + freeSwap < NEEDED_MB)
      return warning(says, `Node-RED with its plugins needs about ${NEEDED_MB} MB while it starts: end something else`);
    return ok(says);
  },
};

async function limitOfContainer({ container, files }: DoctorContext): Promise<Finding | undefined> {
  if (container.kind !== 'compose') return undefined;
  const limit = await memoryLimitMb(files);
  if (limit === undefined || limit >= NEEDED_IN_CONTAINER_MB) return undefined;
  const { how, lines } = describedMend(container, 'raise it', ['mem_limit: 768m']);
  return warning(
    `the container may take ${limit} MB, but Node-RED with its plugins takes ${NEEDED_MB} while it starts, and ${NEEDED_IN_CONTAINER_MB} while it prepares one`,
    how,
    ...lines,
  );
}

/** What Node.js takes for garbage before it collects is bounded by default by the machine's memory, not by what is free. */
export const heap: Check = {
  id: 'heap',
  group: 'node-red',
  title: 'Heap limit',
  async run({ files, service, container }) {
    const total = Number(/^MemTotal:\s+(\d+)/m.exec((await files.text('/proc/meminfo')) ?? '')?.[1] ?? 0) / KB_PER_MB;
    if (total === 0 || total >= SMALL_MB) return ok('Node.js decides by itself');
    if (container.kind === 'compose')
      return skipped(`set it in compose.yaml, under environment: NODE_OPTIONS: "--max_old_space_size=${HEAP_MB}"`);
    if (service.kind === 'none')
      return skipped(`Node-RED is no service here; start it with --max-old-space-size=${HEAP_MB}`);
    const limit = await heapLimit(files, service.mainPid);
    if (limit > 0 && limit <= HEAP_MB) return ok(`${limit} MB`);
    return warning(
      limit > 0 ? `${limit} MB is more than this board has to give` : 'none was found',
      `unless you did already, limit it: \`sudo systemctl edit ${service.unit}\`, paste, then \`sudo systemctl restart ${service.unit}\``,
      '[Service]',
      `Environment="NODE_OPTIONS=--max_old_space_size=${HEAP_MB}"`,
    );
  },
};

/** MB, 0 where nobody says: only its own user and root may see a process's environment, of which just this is looked at. */
async function heapLimit(files: SystemFiles, pid: number): Promise<number> {
  const environment = (await files.text(`/proc/${pid}/environ`)) ?? '';
  const options = /^NODE_OPTIONS=(.*)$/m.exec(environment)?.[1] ?? '';
  const commandLine = (await files.text(`/proc/${pid}/cmdline`)) ?? '';
  // The command line wins.
  const found = /--max[-_]old[-_]space[-_]size[=\n](\d+)/.exec(`${commandLine}\n${options}`);
  return Number(found?.[1] ?? 0);
}

/** Bookworm has dphys-swapfile. Trixie makes swap by itself; where that was turned off, or elsewhere, a file does. */
async function swapLines({ files }: DoctorContext): Promise<readonly string[]> {
  if (await files.exists('/etc/dphys-swapfile'))
    return [
      "sudo sed -i 's/^#\\?CONF_SWAPSIZE=.*/CONF_SWAPSIZE=512/' /etc/dphys-swapfile",
      'sudo systemctl restart dphys-swapfile',
    ];
  return [
    'sudo fallocate -l 512M /swapfile && sudo chmod 600 /swapfile && sudo mkswap /swapfile && sudo swapon /swapfile',
    "echo '/swapfile none swap defaults 0 0' | sudo tee -a /etc/fstab",
  ];
}
