/**
 * The first process inside the tests' kernel once init.sh has mounted everything: runs the commands of a job one after
 * the other, writes down how each ended, and turns the machine off, which it does before the others when one was ended. `node run.js <folder of the job>`.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type CommandEnd, ENDS_FILE, JOB_FILE, type Job } from '../job';
import { bringLoopbackUp, powerOff } from './system-calls';

function run({ argv: [program = '', ...args], limitMs }: Command): Promise<CommandEnd['end']> {
  return new Promise((resolve) => {
    // A process group of its own, so that what the command leaves behind ends with it.
    const child = spawn(program, args, { stdio: 'inherit', detached: true });
    const killAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody is left in the group.
      }
    };
    const late = setTimeout(killAll, limitMs);
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      killAll();
      resolve(code ?? signal ?? 'unknown');
    });
  });
}

async function main(folder: string): Promise<void> {
  const job: Job = JSON.parse(readFileSync(join(folder, JOB_FILE), 'utf8'));
  bringLoopbackUp();
  for (const [index, command] of job.commands.entries()) {
    const ended: CommandEnd = { index, end: await run(command) };
    appendFileSync(join(folder, ENDS_FILE), `${JSON.stringify(ended)}\n`);
    // It could not take back what it had changed of the kernel's devices.
    if (typeof ended.end === 'string') return;
  }
}

main(process.argv[2] ?? '').then(powerOff, (error) => {
  console.error('run: the job could not be done:', error);
  powerOff();
});
