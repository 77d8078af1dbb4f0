/** The command `edge-wasi doctor`. Reads the machine and changes nothing. Its exit code is one that USAGE names. */
import { readLogin } from './account';
import { allChecks } from './checks/all-checks';
import { parseCommandLine, USAGE, type Wanted } from './command-line';
import { openContext } from './context';
import { systemProbes } from './probes';
import { examine } from './report';
import { reportJson } from './report-json';
import { reportText } from './report-text';
import { findService } from './service-unit';
import { SystemFiles } from './system-files';

const USAGE_ERROR = 2;

export async function doctorCommand(args: readonly string[]): Promise<number> {
  const wanted = parseCommandLine(args, process.cwd());
  switch (wanted.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'usage':
      return usageError(wanted.problem);
    case 'doctor':
      return doctor(wanted);
  }
}

async function doctor({ root, options, json }: Wanted & { readonly kind: 'doctor' }): Promise<number> {
  const files = new SystemFiles(root);
  const environment = root === '/' ? process.env : {};
  const around = { files, login: readLogin(), findService, environment, probes: systemProbes };
  const opened = await openContext(options, around);
  if (opened.kind === 'unknown-user') return usageError(`There is no user '${opened.user}' in /etc/passwd`);
  const { context } = opened;
  const report = await examine(allChecks(context), context);
  process.stdout.write(json ? reportJson(report, context) : reportText(report, context, hasColours()));
  return report.toMend > 0 ? 1 : 0;
}

function usageError(problem: string): number {
  process.stderr.write(`edge-wasi: ${problem}.\n\n${USAGE}`);
  return USAGE_ERROR;
}

/** https://no-color.org: any value but the empty one. */
function hasColours(): boolean {
  return process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
