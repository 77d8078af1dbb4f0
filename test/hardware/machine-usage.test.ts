import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CpuTimes, CpuUsage, cpuTimes } from '../../src/hardware/machine-usage';

function usageOver(...times: CpuTimes[]): CpuUsage {
  return new CpuUsage(() => times.shift() ?? { busy: 0, idle: 0 });
}

describe("the processor's usage", () => {
  it('is the share since the machine started at first, then the share since the last call', () => {
    const usage = usageOver({ busy: 2_000, idle: 8_000 }, { busy: 2_900, idle: 8_100 });
    assert.equal(usage.percent(), 20);
    assert.equal(usage.percent(), 90);
  });

  it('repeats itself when asked again before the kernel has counted anything', () => {
    const usage = usageOver({ busy: 2_000, idle: 8_000 }, { busy: 2_010, idle: 8_000 }, { busy: 2_010, idle: 8_990 });
    assert.equal(usage.percent(), 20);
    assert.equal(usage.percent(), 20);
    assert.equal(usage.percent(), 1);
  });

  it('is 0 on a machine that tells nothing of its processors', () => {
    assert.equal(usageOver({ busy: 0, idle: 0 }).percent(), 0);
  });

  it('is a share of what this machine counts', () => {
    const percent = new CpuUsage(cpuTimes).percent();
    assert.ok(percent >= 0 && percent <= 100);
  });
});
