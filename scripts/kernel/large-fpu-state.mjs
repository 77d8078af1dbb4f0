/**
 * User-Mode Linux 6.12 gives a process its floating-point registers back with PTRACE_SETREGSET in a buffer of 2696 bytes
 * (arch/x86/um/user-offsets.c). On a processor with AMX the state is 11 008 bytes long, the host refuses a shorter one
 * (EFAULT, arch/x86/kernel/fpu/regset.c), and the kernel panics at its first process. This makes it pass a buffer that is
 * long enough; the host takes as much of it as it has. What lies beyond the saved part is zero, and the header of the state
 * says that it is not in use.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = join('arch', 'x86', 'um', 'os-Linux', 'registers.c');
/** In bytes: half as long again as the longest state of today. */
const LONGEST_STATE = 16_384;

const REPLACEMENTS = [
  [
    'static int have_xstate_support;\n',
    `static int have_xstate_support;\nstatic char whole_xstate[${LONGEST_STATE}];\n`,
  ],
  ['#include <stdlib.h>\n', '#include <stdlib.h>\n#include <string.h>\n'],
  [
    '\t\tiov.iov_base = fp_regs;\n\t\tiov.iov_len = FP_SIZE * sizeof(unsigned long);\n\t\tif (ptrace(PTRACE_SETREGSET,',
    '\t\tmemcpy(whole_xstate, fp_regs, FP_SIZE * sizeof(unsigned long));\n\t\tiov.iov_base = whole_xstate;\n\t\tiov.iov_len = sizeof(whole_xstate);\n\t\tif (ptrace(PTRACE_SETREGSET,',
  ],
];

/** `tree`: the kernel's source. */
export async function passWholeFpuState(tree) {
  const path = join(tree, FILE);
  let text = await readFile(path, 'utf8');
  for (const [before, after] of REPLACEMENTS) {
    if (text.split(before).length !== 2)
      throw new Error(`${FILE} is another than in Linux 6.12: it lacks ${before.trim()}`);
    text = text.replace(before, () => after);
  }
  await writeFile(path, text);
}
