/** The script of the worker that all tabs of one page share. It lies beside the page's events, so its base is its own folder. */
import { ASK_EVERY_MS } from './shared-protocol';
import { StreamHub } from './stream-hub';
import { StreamPermits } from './stream-permits';

const hub = new StreamHub('./', new StreamPermits());

// The browser ends it with the last tab.
setInterval(() => hub.tick(), ASK_EVERY_MS);
addEventListener('connect', (event) => {
  if (event instanceof MessageEvent) for (const port of event.ports) hub.join(port);
});
