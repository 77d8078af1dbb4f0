/**
 * A shell inside the tests' kernel, or a command: `node dist/test/kernel/shell.js [program argument …]`. What the
 * repository's `dist` holds can be run there as the tests are; the machine is gone when the command ends.
 */
import { findKernel } from './kernel-image';
import { runInside } from './machine';

const LIMIT_MS = 3_600_000;

async function main(): Promise<void> {
  const image = findKernel();
  if ('reason' in image) throw new Error(image.reason);
  const given = process.argv.slice(2);
  const argv = given.length > 0 ? given : ['/bin/sh', '-i'];
  const { fault, commands } = await runInside(image, () => [{ argv, limitMs: LIMIT_MS }], { console: 'terminal' });
  if (fault !== undefined) throw new Error(`the kernel ${fault}`);
  const ended = commands[0]?.end ?? 'never';
  process.exitCode = typeof ended === 'number' ? ended : 1;
}

main().catch((error) => {
  console.error(`shell: ${error.message}`);
  process.exitCode = 1;
});
