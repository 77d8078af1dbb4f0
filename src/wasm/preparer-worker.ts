/**
 * The thread that prepares one component and ends: reads it, checks it, has jco translate it, and puts what comes of it
 * into the store. Nobody who loads something else waits for this thread.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errorFacts } from '../errors';
import { admit, checkPinned } from './component-checks';
import { reading } from './component-file';
import { DiskFailure } from './disk-failure';
import { MAKERS } from './makers';
import { prepare } from './prepare';
import { PreparedStore } from './prepared-store';
import type { FromPreparer, PrepareRequest } from './preparer-channel';
import { sha256 } from './sha256';
import { sweep } from './store-sweep';

async function prepared(request: PrepareRequest): Promise<string> {
  const store = new PreparedStore(request.storeDir, MAKERS);
  const component = reading(request.path, (file) => readFileSync(file));
  // It may be another one than when it was found unprepared.
  const digest = sha256(component);
  checkPinned(digest, request);
  if (request.why === 'new' && store.find(digest)) return digest;
  await prepare(component, store, request.deadlineMs, (shape) => admit(shape, request));
  try {
    sweep(store);
  } catch {
    // What was just prepared can be used all the same; the next preparation tries again.
  }
  return digest;
}

async function answer(request: PrepareRequest): Promise<FromPreparer> {
  try {
    return { kind: 'prepared', digest: await prepared(request) };
  } catch (error) {
    if (error instanceof DiskFailure) return { kind: 'hindered', message: error.message };
    return { kind: 'failed', error: errorFacts(error, 'PLUGIN_INVALID') };
  }
}

void answer(workerData).then((said) => parentPort?.postMessage(said));
