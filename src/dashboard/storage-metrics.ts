/** What the runtime knows of its disk, for /metrics. The names of things that are not kept are a fixed list, and plugins. */
import type { StorageView } from '../runtime-api/storage-api';
import type { Family, Sample } from './exposition';

const STATES: readonly StorageView['status'][] = ['ok', 'low', 'failing'];

export function storageFamilies(storage: StorageView): Family[] {
  const { status, freeBytes, sizeBytes, failedWrites, secondsSinceLastWrite, notKept } = storage;
  return [
    {
      name: 'wasi_storage_state',
      type: 'stateset',
      help: 'State of the disk that all is kept on: 1 for the one it is in.',
      samples: STATES.map((state) => ({ labels: { wasi_storage_state: state }, value: Number(status === state) })),
    },
    {
      name: 'wasi_storage_free_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'What the file system of the user directory has room for.',
      samples: sampleOf(freeBytes),
    },
    {
      name: 'wasi_storage_size_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Size of that file system.',
      samples: sampleOf(sizeBytes),
    },
    {
      name: 'wasi_storage_write_failures',
      type: 'counter',
      help: 'Durable writes that failed.',
      samples: sampleOf(failedWrites),
    },
    {
      name: 'wasi_storage_seconds_since_last_write',
      type: 'gauge',
      help: 'How long ago the last durable write succeeded.',
      samples: sampleOf(secondsSinceLastWrite),
    },
    {
      name: 'wasi_storage_not_kept',
      type: 'gauge',
      help: 'Always 1, of each thing that is not being kept on the disk; of a plugin that is its state.',
      samples: notKept.map(({ what, plugin }) => ({
        labels: { what, ...(plugin === undefined ? {} : { plugin }) },
        value: 1,
      })),
    },
  ];
}

function sampleOf(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels: {}, value }];
}
