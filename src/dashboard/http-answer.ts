/**
 * An HTTP answer as plain data: whoever serves it sends status, headers and body as they are. Nothing here is cached,
 * guessed at or framed elsewhere, and no answer carries a CORS header: the plugin's page has an opaque origin, so the
 * browser keeps these answers from it.
 */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** For data: text/plain, JSON, OpenMetrics. A browser that is talked into showing it as a page runs nothing. */
export function dataAnswer(status: number, contentType: string, body: string): HttpAnswer {
  return {
    status,
    headers: {
      'Content-Type': contentType,
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    },
    body,
  };
}

export function jsonAnswer(status: number, body: unknown): HttpAnswer {
  return dataAnswer(status, 'application/json; charset=utf-8', JSON.stringify(body));
}
