/**
 * The admin API as the form asks it. By jQuery, which Node-RED's editor gives the token of whoever is logged in. Every
 * request has a limit; a refusal comes as `RequestRefused` with the status and what the runtime said, in words.
 */
import type { CheckedText, ConfigFile, PluginSummary, Refusal, Removed, RuntimeView, Upload } from './runtime-view';
import { text } from './texts';

const REQUEST_LIMIT_MS = 10_000;
/** 64 MiB over a slow wireless network. */
const UPLOAD_LIMIT_MS = 300_000;

export class RequestRefused extends Error {
  /** `status` 0: the editor is not connected to Node-RED. */
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(refusal.message);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class RuntimeRequests {
  readonly #path: string;

  constructor(runtimeId: string) {
    this.#path = `edge-wasi/runtimes/${encodeURIComponent(runtimeId)}`;
  }

  view(): Promise<RuntimeView> {
    return ask('GET', this.#path);
  }

  plugins(): Promise<readonly PluginSummary[]> {
    return ask('GET', `${this.#path}/plugins`);
  }

  reload(plugin: string): Promise<unknown> {
    return ask('POST', `${this.#plugin(plugin)}/reload`, {});
  }

  setEnabled(plugin: string, enabled: boolean): Promise<{ readonly written: string }> {
    return ask('POST', `${this.#plugin(plugin)}/enabled`, { enabled });
  }

  setGrants(plugin: string, lines: string): Promise<{ readonly written: string }> {
    return ask('POST', `${this.#plugin(plugin)}/grants`, { lines });
  }

  remove(plugin: string): Promise<Removed> {
    return ask('DELETE', this.#plugin(plugin));
  }

  config(): Promise<ConfigFile> {
    return ask('GET', `${this.#path}/config`);
  }

  saveConfig(text: string, revision: string): Promise<{ readonly revision: string }> {
    return ask('PUT', `${this.#path}/config`, { text, revision });
  }

  startUpload(file: File, progress: (share: number) => void): Promise<{ readonly upload: string }> {
    const url = `${this.#path}/uploads?name=${encodeURIComponent(file.name)}`;
    return answered(
      $.ajax({
        url,
        method: 'POST',
        data: file,
        contentType: 'application/wasm',
        processData: false,
        dataType: 'json',
        timeout: UPLOAD_LIMIT_MS,
        xhr: () => requestWithProgress(progress),
      }),
    );
  }

  upload(id: string): Promise<Upload> {
    return ask('GET', this.#upload(id));
  }

  install(
    id: string,
    enabled: boolean,
    /** undefined: what host.toml says already. */
    lines: string | undefined,
  ): Promise<{ readonly installed: string; readonly written?: string; readonly lines?: string }> {
    return ask('POST', `${this.#upload(id)}/install`, lines === undefined ? { enabled } : { enabled, lines });
  }

  discard(id: string): Promise<unknown> {
    return ask('DELETE', this.#upload(id));
  }

  #plugin(name: string): string {
    return `${this.#path}/plugins/${encodeURIComponent(name)}`;
  }

  #upload(id: string): string {
    return `${this.#path}/uploads/${encodeURIComponent(id)}`;
  }
}

/** Of a text that is nowhere yet. */
export function checkText(toml: string): Promise<CheckedText> {
  return ask('POST', 'edge-wasi/config/check', { text: toml });
}

export type PluginChange = { readonly enabled: boolean } | { readonly lines: string };
export type TextEdit = PluginChange | { readonly removed: true };

export function editText(toml: string, plugin: string, edit: TextEdit): Promise<{ readonly text: string }> {
  return ask('POST', 'edge-wasi/config/edit', { text: toml, plugin, ...edit });
}

function ask<Answer>(method: Method, url: string, body?: object): Promise<Answer> {
  const sent = body === undefined ? {} : { data: JSON.stringify(body), contentType: 'application/json' };
  // As text: DELETE answers with nothing at all, which is no JSON.
  return answered($.ajax({ url, method, dataType: 'text', timeout: REQUEST_LIMIT_MS, cache: false, ...sent }));
}

function answered<Answer>(request: JQuery.jqXHR): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request
      .done((answer: unknown) => resolve((typeof answer === 'string' ? parsed(answer) : answer) as Answer))
      .fail(({ status, responseText }) => reject(new RequestRefused(status, refusalOf(status, responseText))));
  });
}

function parsed(answer: string): unknown {
  return answer === '' ? {} : JSON.parse(answer);
}

function refusalOf(status: number, body: string | undefined): Refusal {
  try {
    const refusal: Partial<Refusal> = JSON.parse(body ?? '');
    if (typeof refusal.message === 'string') return { code: '', ...refusal, message: refusal.message };
  } catch {
    // Not JSON: Node-RED itself answered, or a proxy.
  }
  return { code: '', message: wordsFor(status) };
}

function wordsFor(status: number): string {
  if (status === 0) return text('request.offline');
  if (status === 401 || status === 403) return text('request.forbidden');
  if (status === 404) return text('request.unknown');
  if (status === 413) return text('request.tooLarge');
  return text('request.failed', { status });
}

function requestWithProgress(progress: (share: number) => void): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.upload.addEventListener('progress', ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total));
  return request;
}
