/**
 * What is served below a dashboard node's path, each as data: the page, /api/…, /metrics. Waits for a runtime that is
 * opening; one that cannot be had is answered with 503 and its error, in the form the caller expects.
 */
import { healthAnswer, historyAnswer, logsAnswer, readingsAnswer } from '../../src/dashboard/api';
import { errorAnswer } from '../../src/dashboard/error-page';
import { type HttpAnswer, jsonAnswer } from '../../src/dashboard/http-answer';
import { metricsAnswer } from '../../src/dashboard/metrics';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import { type ErrorFacts, errorFacts } from '../../src/errors';
import type { RuntimeApi } from '../../src/runtime-api';

export interface Query {
  readonly sensor?: unknown;
  readonly field?: unknown;
}

/** The page asks for itself anew, as often as the host polls by default. */
const PAGE_REFRESH_SECONDS = 5;

/** Below a node's path; "" is the page. */
export const EVENTS_ENDPOINT = '/events';
type Endpoint = (api: RuntimeApi, query: Query, now: number) => HttpAnswer;
const DATA: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/api/readings', (api, _query, now) => readingsAnswer(api.latestReadings(), now)],
  ['/api/history', (api, query) => historyAnswer(query, (sensor, field) => api.history(sensor, field))],
  ['/api/logs', (api) => logsAnswer(api.logLines())],
  ['/api/health', (api) => healthAnswer(api.plugins())],
  ['/metrics', (api) => metricsAnswer(api.latestReadings(), api.plugins())],
]);

export function isEndpoint(endpoint: string): boolean {
  return endpoint === '' || endpoint === EVENTS_ENDPOINT || DATA.has(endpoint);
}

export async function pageAnswer(whenOpen: () => Promise<RuntimeApi>, plugin: string): Promise<HttpAnswer> {
  try {
    const html = await (await whenOpen()).render(plugin);
    if (html === null) return errorAnswer(plugin, disabled(plugin));
    return { status: 200, headers: { ...PAGE_HEADERS, Refresh: String(PAGE_REFRESH_SECONDS) }, body: html };
  } catch (error) {
    return errorAnswer(plugin, errorFacts(error, 'PLUGIN_ERROR'));
  }
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

function disabled(plugin: string): ErrorFacts {
  return {
    code: 'PLUGIN_NOT_FOUND',
    message: `plugin ${plugin} is disabled: set enabled = true in [plugins.${plugin}] of host.toml and deploy`,
  };
}
