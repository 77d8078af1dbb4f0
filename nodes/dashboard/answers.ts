/**
 * What is served below a dashboard node's path as data: /api/…, /metrics; the page and its events are page-answer.ts and
 * event-stream.ts. Waits for a runtime that is opening; one that cannot be had is answered with 503 and its error.
 */
import { healthAnswer, historyAnswer, logsAnswer, readingsAnswer } from '../../src/dashboard/api';
import { clusterHealth } from '../../src/dashboard/cluster-metrics';
import type { Query } from '../../src/dashboard/history-query';
import { type DataAnswer, jsonAnswer } from '../../src/dashboard/http-answer';
import { CRASH_PATH, EVENTS_PATH, HISTORY_PATH, PAGE_PATH, WORKER_PATH } from '../../src/dashboard/live-protocol';
import { metricsAnswer, type RuntimeFacts } from '../../src/dashboard/metrics';
import { csvAnswer, minutesAnswer } from '../../src/dashboard/minute-answers';
import type { SeriesLimit } from '../../src/dashboard/series-limit';
import { errorFacts } from '../../src/errors/wasi-error';
import { PACKAGE_VERSION } from '../../src/platform/package-version';
import type { RuntimeApi } from '../../src/runtime-api/runtime-api';

/** Below a node's path; "" is the page. */
export const EVENTS_ENDPOINT = `/${EVENTS_PATH}`;
export const SHELL_ENDPOINT = '';
export const PAGE_ENDPOINT = `/${PAGE_PATH}`;
export const WORKER_ENDPOINT = `/${WORKER_PATH}`;
const HISTORY_ENDPOINT = '/api/history';
/** The only one that is asked by POST. */
export const CRASH_ENDPOINT = `/${CRASH_PATH}`;
const OF_PAGES: readonly string[] = [SHELL_ENDPOINT, PAGE_ENDPOINT, WORKER_ENDPOINT, EVENTS_ENDPOINT];

/** What an answer may depend on. */
export interface DataRequest {
  readonly query: Query;
  /** The header. */
  readonly accept: string | undefined;
  readonly now: number;
  /** Of the dashboard node that is asked. */
  readonly limit: SeriesLimit;
}

type Endpoint = (api: RuntimeApi, request: DataRequest) => DataAnswer;
const DATA: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [
    '/api/readings',
    (api, { now }) => readingsAnswer(api.latestReadings(), now, (reading) => api.unknownSince(reading)),
  ],
  [HISTORY_ENDPOINT, historyOf],
  [`/${HISTORY_PATH}`, (api, { query, now }) => csvAnswer(query, api.minuteHistory, now)],
  ['/api/logs', (api) => logsAnswer(api.logLines())],
  ['/api/health', (api) => healthAnswer(api.plugins(), clusterHealth(api.cluster), api.storage.view())],
  [
    '/metrics',
    (api, { accept, limit }) =>
      metricsAnswer(
        {
          readings: api.latestReadings(),
          plugins: api.plugins(),
          runtime: factsOf(api),
          counts: api.counts(),
          cluster: api.cluster,
          storage: api.storage.view(),
          unknownSince: (reading) => api.unknownSince(reading),
          limit,
        },
        accept,
      ),
  ],
]);

export function isEndpoint(endpoint: string): boolean {
  return OF_PAGES.includes(endpoint) || DATA.has(endpoint);
}

export function isHistory(endpoint: string): boolean {
  return endpoint === HISTORY_ENDPOINT || endpoint === `/${HISTORY_PATH}`;
}

export async function dataAnswer(
  whenOpen: () => Promise<RuntimeApi>,
  endpoint: string,
  request: DataRequest,
): Promise<DataAnswer> {
  try {
    const answer = DATA.get(endpoint);
    if (answer === undefined) return jsonAnswer(404, { error: `There is nothing at ${endpoint}.` });
    return answer(await whenOpen(), request);
  } catch (error) {
    const { code, message } = errorFacts(error, 'PLUGIN_ERROR');
    return jsonAnswer(503, { error: message, code });
  }
}

function factsOf({ config, hardware }: RuntimeApi): RuntimeFacts {
  return { version: PACKAGE_VERSION, node: config.cluster.nodeId, hardware };
}

/** Without `hours` the last readings one by one. */
function historyOf(api: RuntimeApi, { query, now }: DataRequest): DataAnswer {
  if (query.hours !== undefined) return minutesAnswer(query, api.minuteHistory, now);
  return historyAnswer(query, (sensor, field) => api.history(sensor, field));
}
