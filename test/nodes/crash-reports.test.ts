import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CrashReports } from '../../nodes/dashboard/crash-reports';

describe('reports of tabs that a page crashed', () => {
  it('are one warning a minute, however many come, with plugin, path and number', () => {
    const warnings: string[] = [];
    let now = 0;
    const reports = new CrashReports(
      'vandal',
      '/wasi',
      (text) => warnings.push(text),
      () => now,
    );
    for (let count = 0; count < 1_000; count += 1) reports.crashed();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^plugin vandal: a browser tab crashed while it showed the page at \/wasi\. /);
    now += 60_000;
    reports.crashed();
    assert.equal(warnings.length, 2);
    assert.match(warnings[1] ?? '', /\(and 999 more since the last warning\)/);
  });
});
