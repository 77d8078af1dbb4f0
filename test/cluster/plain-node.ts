/** A node of plain clients alone: shows what etcd itself promises. */
import { under } from './etcd-calls';
import { Candidate } from './plain-candidate';
import { PlainClient } from './plain-client';
import { follow } from './plain-follower';
import { publish, READINGS, readingOf } from './plain-publisher';
import type { KindOfNode } from './workload';

export const PLAIN: KindOfNode = {
  name: 'plain',
  open: async ({ name, urls, role }, history, guarded) => {
    const publishing = new AbortController();
    const rest = new AbortController();
    const published = publish(name, new PlainClient(urls), history, publishing.signal);
    const others = [follow(name, new PlainClient(urls), history, rest.signal)];
    if (role !== 'learner') others.push(new Candidate(name, new PlainClient(urls), history, guarded).run(rest.signal));
    return {
      stopPublishing: async () => {
        publishing.abort();
        await published;
      },
      close: async () => {
        publishing.abort();
        rest.abort();
        await Promise.all([published, ...others]);
      },
    };
  },
  stored: async (url) => [...(await under(url, READINGS)).keys()].map(readingOf),
};
