/** A test whose title is a promise to users. It has a limit, so that one that hangs ends and is named. */
import { it, type TestContext } from 'node:test';

/** Many times what any of these tests takes on a machine that has nothing else to do. */
const LIMIT_MS = 120_000;

export function promise(name: string, body: (t: TestContext) => Promise<void>): void {
  it(name, { timeout: LIMIT_MS }, body);
}
