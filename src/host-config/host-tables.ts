/** The tables about the host itself: [polling], [logging] and [limits], with their defaults and ranges. */
import type { HostConfig, LogLevel, PluginLimits } from './host-config';
import type { TableReader } from './table-reader';

const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

const DEFAULT_LIMITS: PluginLimits = { deadlineMs: 5_000, loadDeadlineMs: 30_000, memoryMb: 128 };

export function readPolling(table: TableReader): HostConfig['polling'] {
  return { intervalSeconds: table.number('interval_seconds', { min: 0.1, max: 86_400, fallback: 5 }) };
}

export function readLogging(table: TableReader): HostConfig['logging'] {
  return {
    level: table.oneOf('level', LOG_LEVELS, 'info'),
    showSensorData: table.yesOrNo('show_sensor_data', false),
  };
}

/** [limits], or [plugins.X.limits] with those of [limits] for what it leaves open. */
export function readLimits(table: TableReader, fallback: PluginLimits = DEFAULT_LIMITS): PluginLimits {
  return {
    deadlineMs: table.whole('deadline_ms', { min: 10, max: 600_000, fallback: fallback.deadlineMs }),
    loadDeadlineMs: table.whole('load_deadline_ms', { min: 100, max: 600_000, fallback: fallback.loadDeadlineMs }),
    // The most that a 32-bit linear memory can have.
    memoryMb: table.whole('memory_mb', { min: 1, max: 4_096, fallback: fallback.memoryMb }),
  };
}
