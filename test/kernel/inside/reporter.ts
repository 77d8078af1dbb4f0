/**
 * What node:test reports of a file inside the tests' kernel, a line of JSON (InsideResult) per test. A test's name is the
 * path to it through its suites. Suites are counted only where one failed by itself, in a hook.
 */
import { inspect } from 'node:util';
import type { InsideResult } from '../job';

interface Report {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: { readonly type?: string; readonly error?: unknown };
  };
}

function isOfSubtests(error: unknown): boolean {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}

function resultOf({ type, data }: Report, name: string): InsideResult | undefined {
  const { skip = false, todo = false, details } = data;
  const left = skip !== false ? skip : todo;
  if (left !== false) return { outcome: 'skipped', name, reason: typeof left === 'string' ? left : 'no reason given' };
  if (type === 'test:pass') return details?.type === 'suite' ? undefined : { outcome: 'passed', name };
  if (isOfSubtests(details?.error)) return undefined;
  const error = details?.error;
  return { outcome: 'failed', name, message: inspect(error instanceof Error ? (error.cause ?? error) : error) };
}

async function* report(reports: AsyncIterable<Report>): AsyncGenerator<string> {
  const path: string[] = [];
  for await (const one of reports) {
    const { name, nesting } = one.data;
    if (one.type === 'test:start') path.splice(nesting, path.length, name);
    if (one.type !== 'test:pass' && one.type !== 'test:fail') continue;
    const result = resultOf(one, [...path.slice(0, nesting), name].join(' > '));
    if (result) yield `${JSON.stringify(result)}\n`;
  }
}

export = report;
