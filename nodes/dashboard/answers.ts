/**
 * What is served below a dashboard node's path, each as data: the page, /api/…, /metrics. Waits for a runtime that is
 * opening; one that cannot be had is answered with 503 and its error, in the form the caller expects.
 */
import { healthAnswer, historyAnswer, logsAnswer, readingsAnswer } from '../../src/dashboard/api';
import { errorAnswer } from '../../src/dashboard/error-page';
import type { Query } from '../../src/dashboard/history-query';
import { type DataAnswer, type HttpAnswer, jsonAnswer } from '../../src/dashboard/http-answer';
import { metricsAnswer, type RuntimeFacts } from '../../src/dashboard/metrics';
import { csvAnswer, minutesAnswer } from '../../src/dashboard/minute-answers';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';
import { type ErrorFacts, errorFacts } from '../../src/errors';
import { PACKAGE_VERSION } from '../../src/package-version';
import type { RuntimeApi } from '../../src/runtime-api';

/** The page asks for itself anew, as often as the host polls by default. */
const PAGE_REFRESH_SECONDS = 5;

/** Below a node's path; "" is the page. */
export const EVENTS_ENDPOINT = '/events';
type Endpoint = (api: RuntimeApi, query: Query, now: number) => DataAnswer;
const DATA: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/api/readings', (api, _query, now) => readingsAnswer(api.latestReadings(), now)],
  ['/api/history', historyOf],
  ['/api/history.csv', (api, query, now) => csvAnswer(query, api.minuteHistory, now)],
  ['/api/logs', (api) => logsAnswer(api.logLines())],
  ['/api/health', (api) => healthAnswer(api.plugins())],
  ['/metrics', (api) => metricsAnswer(api.latestReadings(), api.plugins(), factsOf(api))],
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
): Promise<DataAnswer> {
  try {
    const answer = DATA.get(endpoint);
    if (answer === undefined) return jsonAnswer(404, { error: `There is nothing at ${endpoint}.` });
    return answer(await whenOpen(), query, now);
  } catch (error) {
    const { code, message } = errorFacts(error, 'PLUGIN_ERROR');
    return jsonAnswer(503, { error: message, code });
  }
}

function factsOf({ config, hardware }: RuntimeApi): RuntimeFacts {
  return { version: PACKAGE_VERSION, node: config.cluster.nodeId, hardware };
}

/** Without `hours` the last readings one by one. */
function historyOf(api: RuntimeApi, query: Query, now: number): DataAnswer {
  if (query.hours !== undefined) return minutesAnswer(query, api.minuteHistory, now);
  return historyAnswer(query, (sensor, field) => api.history(sensor, field));
}

function disabled(plugin: string): ErrorFacts {
  return {
    code: 'PLUGIN_NOT_FOUND',
    message: `plugin ${plugin} is disabled: set enabled = true in [plugins.${plugin}] of host.toml and deploy`,
  };
}
