/** What belongs to one served dashboard node: its live page, who watches it, its answers. Closed with the node. */
import type { Node } from 'node-red';
import { browserCode } from '../../src/dashboard/browser-code';
import { type Clock, LivePage } from '../../src/dashboard/live-page';
import { PageChanges } from '../../src/dashboard/page-changes';
import { SeriesLimit } from '../../src/dashboard/series-limit';
import { Shell } from '../../src/dashboard/shell';
import { normalisePluginName } from '../../src/host-config/host-config';
import type { SharedRuntime } from '../shared-runtime';
import { dataAnswer } from './answers';
import { CrashReports } from './crash-reports';
import { EventStream } from './event-stream';
import { PageAnswers } from './page-answer';
import type { PageServer } from './page-server';

const CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/** Throws CONFIG_INVALID where another node serves that path. */
export function serveSite(node: Node, server: PageServer, path: string, plugin: string, runtime: SharedRuntime): void {
  const shell = new Shell(node.name || 'Edge sensors', plugin, browserCode());
  const changes = new PageChanges(normalisePluginName(plugin));
  const whenOpen = () => runtime.whenOpen();
  const live = new LivePage({
    plugin,
    render: async () => (await whenOpen()).render(plugin),
    clock: CLOCK,
    onPage: (page) => events.show(page),
  });
  const events: EventStream = new EventStream({
    build: shell.build,
    watch: () => live.watch(),
    newest: () => live.newest(),
  });
  const pages = new PageAnswers(live, shell);
  const limit = new SeriesLimit();
  const crashes = new CrashReports(plugin, path, (text) => node.warn(text));
  const remove = server.add({
    path,
    owner: node.name || node.id,
    events,
    shell: (asked) => pages.shellAnswer(asked),
    page: () => pages.pageAnswer(),
    worker: (build) => pages.workerAnswer(build),
    crashed: () => crashes.crashed(),
    answer: (endpoint, query, accept) => dataAnswer(whenOpen, endpoint, { query, accept, now: Date.now(), limit }),
  });
  const deregister = runtime.register({
    phaseChanged: () => live.changed(),
    runtimeEvent: (event) => {
      events.send(event);
      if (changes.isChange(event)) live.changed();
    },
  });
  node.on('close', () => {
    remove();
    deregister();
    events.close();
    live.close();
  });
}
