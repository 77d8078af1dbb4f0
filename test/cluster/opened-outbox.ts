/** An outbox with a clock in the test's hand, and what it tells. */
import { Outbox, type OutboxLimits } from '../../src/cluster/outbox/outbox';
import type { SegmentFiles } from '../../src/cluster/outbox/segment-files';
import { NO_REPORT, type StorageReport } from '../../src/platform/storage-report';
import { ManualClock } from '../support/manual-clock';

const LIMITS: OutboxLimits = { maxBytes: 2 ** 20, maxReadings: 10_000, maxMemoryBytes: 2 ** 20 };

export async function opened(
  files: SegmentFiles,
  limits: Partial<OutboxLimits> = {},
  report: StorageReport = NO_REPORT,
) {
  const clock = new ManualClock();
  const told = { warnings: [] as string[], dropped: 0 };
  const outbox = await Outbox.open({
    files,
    clock,
    report,
    limits: { ...LIMITS, ...limits },
    onWarning: (text) => told.warnings.push(text),
    onDropped: (readings) => {
      told.dropped += readings;
    },
  });
  return { outbox, clock, told };
}
