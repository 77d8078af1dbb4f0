/** One finding by the id of its check. */
import { allChecks } from '../../src/doctor/checks/all-checks';
import type { Finding } from '../../src/doctor/finding';
import { type Around, contextOf, type FakeMachine } from './fake-machine';

export async function findingOf(machine: FakeMachine, id: string, around: Around = {}): Promise<Finding> {
  const context = await contextOf(machine, around);
  const check = allChecks(context).find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check.run(context);
}

/** Kind and text, and what to mend as one text. */
export async function lookedAt(machine: FakeMachine, id: string, around: Around = {}): Promise<readonly string[]> {
  const finding = await findingOf(machine, id, around);
  const mend = 'mend' in finding ? [[finding.mend.how, ...finding.mend.lines].join('\n')] : [];
  return [finding.kind, finding.says, ...mend];
}
