/** Delivers the server-sent events of a dashboard by their kind as they arrive. The caller that opens one closes it. */
import { once } from 'node:events';
import { get } from 'node:http';

const END_OF_EVENT = '\n\n';

export class EventReader {
  #request;
  #listeners = new Map();
  #rest = '';

  /** Resolves when the stream is open. */
  static async open(url) {
    const reader = new EventReader();
    reader.#request = get(url);
    const [answer] = await once(reader.#request, 'response');
    if (answer.statusCode !== 200) throw new Error(`${url} was answered with ${answer.statusCode}`);
    answer.setEncoding('utf8');
    answer.on('data', (chunk) => reader.#take(chunk));
    // The stream ends with the process that serves it, or with `close`.
    answer.on('error', () => undefined);
    return reader;
  }

  /** `listener(data)`, parsed. */
  on(kind, listener) {
    this.#listeners.set(kind, listener);
  }

  close() {
    this.#request.destroy();
  }

  #take(chunk) {
    const parts = (this.#rest + chunk).split(END_OF_EVENT);
    this.#rest = parts.pop();
    for (const part of parts) {
      const kind = /^event: (\S+)$/m.exec(part)?.[1];
      const listener = this.#listeners.get(kind);
      if (listener) listener(JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null'));
    }
  }
}
