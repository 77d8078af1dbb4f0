/**
 * Serves every dashboard node's path on Node-RED's httpNode server, behind its authentication (which lies before all of
 * httpNode) and its `httpNodeMiddleware` (which, as in core's http in, each node must apply itself). One handler is
 * mounted once and looks up who serves a path, so a closed node leaves no route behind. GET and HEAD, and POST for the report
 * of a crash; no CORS.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { NodeAPI } from 'node-red';
import type { Query } from '../../src/dashboard/history-query';
import type { BinaryAnswer, DataAnswer } from '../../src/dashboard/http-answer';
import { CRASH_HEADER } from '../../src/dashboard/live-protocol';
import { WasiError } from '../../src/errors/wasi-error';
import { AnswerSender } from './answer-sender';
import {
  CRASH_ENDPOINT,
  EVENTS_ENDPOINT,
  isEndpoint,
  isHistory,
  PAGE_ENDPOINT,
  SHELL_ENDPOINT,
  WORKER_ENDPOINT,
} from './answers';
import type { Asked } from './event-client';
import type { EventStream } from './event-stream';

export interface Site {
  /** Starts with "/" and does not end so; "" is the root. */
  readonly path: string;
  readonly owner: string;
  readonly events: EventStream;
  /** `path` as it was asked for, percent-encoded, without the query. */
  shell(path: string): Promise<BinaryAnswer>;
  page(): Promise<BinaryAnswer>;
  /** `build`: of the shell that asks. */
  worker(build: unknown): BinaryAnswer;
  /** A browser reports that the page crashed one of its tabs. */
  crashed(): void;
  /** `accept`: the request's header. */
  answer(endpoint: string, query: Query, accept: string | undefined): Promise<DataAnswer>;
}

interface Found {
  readonly site: Site;
  readonly endpoint: string;
}

export class PageServer {
  readonly #sites = new Map<string, Site>();
  /** The history is long, and clients often read it slowly: they have a limit of their own, so that they block no other request. */
  readonly #historySender = new AnswerSender();
  readonly #sender = new AnswerSender();

  constructor(RED: NodeAPI) {
    for (const handler of middlewareOf(RED)) {
      RED.httpNode.use((request, response, next) => {
        if (this.#find(request)) handler(request, response, next);
        else next();
      });
    }
    RED.httpNode.use((request, response, next) => this.#serve(request, response, next));
  }

  /** Throws CONFIG_INVALID where another node serves that path. Returns how to take it away again. */
  add(site: Site): () => void {
    const other = this.#sites.get(site.path);
    if (other !== undefined) {
      throw new WasiError(
        'CONFIG_INVALID',
        `path "${site.path}" is already served by dashboard node ${other.owner}: give this one another path`,
      );
    }
    this.#sites.set(site.path, site);
    return () => this.#sites.delete(site.path);
  }

  #serve(request: Request, response: Response, next: NextFunction): void {
    const found = this.#find(request);
    if (found === undefined) {
      next();
      return;
    }
    const { site, endpoint } = found;
    removeCors(response);
    if (endpoint === CRASH_ENDPOINT) {
      const isOurs = request.headers[CRASH_HEADER.toLowerCase()] !== undefined;
      if (isOurs) site.crashed();
      response.writeHead(isOurs ? 204 : 403).end();
      return;
    }
    if (endpoint === EVENTS_ENDPOINT) {
      if (request.method === 'GET') site.events.add(response, askedBy(request));
      else site.events.answerHead(response);
      return;
    }
    answerOf(site, endpoint, request)
      .then((answer) => (isHistory(endpoint) ? this.#historySender : this.#sender).send(request, response, answer))
      .catch(next);
  }

  #find({ method, path }: Request): Found | undefined {
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return undefined;
    const isKnown = method === 'POST' ? (endpoint: string) => endpoint === CRASH_ENDPOINT : isEndpoint;
    const decoded = decodedPath(path);
    const asked = decoded.endsWith('/') ? decoded.slice(0, -1) : decoded;
    for (const site of this.#sites.values()) {
      const endpoint = asked.slice(site.path.length);
      if (asked.startsWith(site.path) && isKnown(endpoint)) return { site, endpoint };
    }
    return undefined;
  }
}

/** "/a b" as the node has it, of "/a%20b"; what is no UTF-8 names no site, as it is. */
function decodedPath(path: string): string {
  try {
    return decodeURI(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

async function answerOf(site: Site, endpoint: string, request: Request): Promise<DataAnswer | BinaryAnswer> {
  switch (endpoint) {
    case SHELL_ENDPOINT:
      return site.shell(request.path);
    case PAGE_ENDPOINT:
      return site.page();
    case WORKER_ENDPOINT:
      return site.worker(request.query['build']);
    default:
      return site.answer(endpoint, request.query, request.headers.accept);
  }
}

/** `/events?page`: the page itself, but that of the revision it has; `&once`: and no later one. A browser's own word for that is newer. */
function askedBy({ query, headers }: Request): Asked {
  if (query['page'] === undefined) return { kind: 'events' };
  const shown = headers['last-event-id'] ?? query['revision'];
  const until = query['once'] === undefined ? 'closed' : 'told';
  return { kind: 'page', shown: typeof shown === 'string' ? shown : undefined, until };
}

/**
 * Where the editor lies at the root of the same server, Node-RED has already allowed every origin by then: any page
 * the user visits could read the sensors.
 */
function removeCors(response: Response): void {
  for (const name of response.getHeaderNames()) if (name.startsWith('access-control-')) response.removeHeader(name);
}

function middlewareOf(RED: NodeAPI): readonly RequestHandler[] {
  const setting: unknown = RED.settings.httpNodeMiddleware;
  const list: readonly unknown[] = Array.isArray(setting) ? setting : [setting];
  return list.filter((handler): handler is RequestHandler => typeof handler === 'function');
}
