/**
 * Browsers that watch a dashboard under measurement, in a process of their own: each keeps the event stream of a page open
 * and counts the pages that it receives. The process sends `connected` when all have the first page and, when it is asked
 * to end, the number of different pages and how many browsers lack the newest one: one that reads slowly is sent the
 * newest page only.
 */
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const PAGE = /event: page\nid: (\S+)\n/g;
const END_OF_EVENT = '\n\n';
/** On a machine that does much else, the last page may arrive late. */
const CATCH_UP_MS = 30_000;
const CHECK_EVERY_MS = 50;

const [{ url, clients }] = await once(process, 'message');
const agent = new Agent({ maxSockets: clients });
const watchers = Array.from({ length: clients }, () => watch());
await Promise.all(watchers.map(({ first }) => first));
process.send('connected');
await once(process, 'message');
const endsAt = performance.now() + CATCH_UP_MS;
while (behindNewest() > 0 && performance.now() < endsAt) await pause(CHECK_EVERY_MS);
const all = new Set(watchers.flatMap(({ revisions }) => [...revisions]));
const twice = watchers.reduce((sum, { repeated }) => sum + repeated(), 0);
process.send({ pages: all.size, behind: behindNewest(), twice });
agent.destroy();
process.disconnect();

/** How many watchers lack the page that most of them got last. */
function behindNewest() {
  const newest = mostFrequent(watchers.map(({ revisions }) => [...revisions].at(-1)));
  return watchers.filter(({ revisions }) => !revisions.has(newest)).length;
}

function mostFrequent(values) {
  const counted = new Map();
  for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1);
  return [...counted].sort(([, a], [, b]) => b - a)[0][0];
}

function watch() {
  const revisions = new Set();
  let repeats = 0;
  const first = new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`a watcher was answered with ${answer.statusCode}`));
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        rest += chunk;
        const end = rest.lastIndexOf(END_OF_EVENT);
        if (end < 0) return;
        for (const [, found] of rest.slice(0, end + END_OF_EVENT.length).matchAll(PAGE)) {
          // A copy: the match is a slice that keeps its whole page in memory, for each watcher.
          const revision = Buffer.from(found).toString();
          if (revisions.has(revision)) repeats += 1;
          revisions.add(revision);
          resolve();
        }
        rest = rest.slice(end + END_OF_EVENT.length);
      });
    }).on('error', (error) => {
      // The connection is reset when the measured process ends because it failed.
      if (error.code !== 'ECONNRESET') reject(error);
    });
  });
  return { revisions, repeated: () => repeats, first };
}
