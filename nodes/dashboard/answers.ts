/**
 * What is served below a dashboard node's path as data: /api/…, /metrics; the page and its events are page-answer.ts and
 * event-stream.ts. Waits for a runtime that is opening; one that cannot be had is answered with 503 and its error.
 */
import { healthAnswer, historyAnswer, logsAnswer, readingsAnswer } from '../../src/dashboard/api';
import { type HttpAnswer, jsonAnswer } from '../../src/dashboard/http-answer';
import { EVENTS_PATH, PAGE_PATH } from '../../src/dashboard/live-protocol';
import { metricsAnswer } from '../../src/dashboard/metrics';
import { errorFacts } from '../../src/errors';
import type { RuntimeApi } from '../../src/runtime-api';

export interface Query {
  readonly sensor?: unknown;
  readonly field?: unknown;
}

/** Below a node's path; "" is the page. */
export const EVENTS_ENDPOINT = `/${EVENTS_PATH}`;
export const SHELL_ENDPOINT = '';
export const PAGE_ENDPOINT = `/${PAGE_PATH}`;
const OF_PAGES: readonly string[] = [SHELL_ENDPOINT, PAGE_ENDPOINT, EVENTS_ENDPOINT];
type Endpoint = (api: RuntimeApi, query: Query, now: number) => HttpAnswer;
const DATA: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/api/readings', (api, _query, now) => readingsAnswer(api.latestReadings(), now)],
  ['/api/history', (api, query) => historyAnswer(query, (sensor, field) => api.history(sensor, field))],
  ['/api/logs', (api) => logsAnswer(api.logLines())],
  ['/api/health', (api) => healthAnswer(api.plugins())],
  ['/metrics', (api) => metricsAnswer(api.latestReadings(), api.plugins())],
]);

export function isEndpoint(endpoint: string): boolean {
  return OF_PAGES.includes(endpoint) || DATA.has(endpoint);
}

export async function dataAnswer(
  whenOpen: () => Promise<RuntimeApi>,
  endpoint: string,
  query: Query,
  now: number,
): Promise<HttpAnswer> {
  try {
    const answer = DATA.get(endpoint);
    if (answer === undefined) return jsonAnswer(404, { error: `There is nothing at ${endpoint}.` });
    return answer(await whenOpen(), query, now);
  } catch (error) {
    const { code, message } = errorFacts(error, 'PLUGIN_ERROR');
    return jsonAnswer(503, { error: message, code });
  }
}
