/** All findings and what they add up to. A check that fails itself is a finding, too: the others still run. */
import { againAsRoot } from './checks/again-as-root';
import { mendOutside } from './container';
import type { DoctorContext } from './context';
import { type Check, type Finding, type Group, warning } from './finding';

export interface CheckResult {
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly finding: Finding;
}

export interface Report {
  readonly results: readonly CheckResult[];
  readonly toMend: number;
  readonly warnings: number;
}

/** One after the other: nothing here is worth a crowd on a small board. */
export async function examine(checks: readonly Check[], context: DoctorContext): Promise<Report> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const { id, group, title } = check;
    results.push({ id, group, title, finding: await findingOf(check, context) });
  }
  const count = (kind: Finding['kind']) => results.filter(({ finding }) => finding.kind === kind).length;
  return { results, toMend: count('missing'), warnings: count('warning') };
}

/** Commands for root are for the machine outside. */
function inContainer(finding: Finding, { container }: DoctorContext): Finding {
  if (container.kind === 'none' || !('mend' in finding)) return finding;
  const { lines } = finding.mend;
  return lines.some((line) => /(^|\| )sudo /.test(line)) ? { ...finding, mend: mendOutside(finding.mend) } : finding;
}

async function findingOf(check: Check, context: DoctorContext): Promise<Finding> {
  try {
    return inContainer(await check.run(context), context);
  } catch (error) {
    return warning(`could not be checked: ${String(error)}`, 'try again as root', againAsRoot(context));
  }
}
