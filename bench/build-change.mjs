/**
 * A component that was never prepared is copied over that of a running Python plugin, which is polled meanwhile: a poll
 * starts every 100 ms and does not wait for the one before. The plugin counts its polls (test/fixtures/guests/faults), so
 * the answer 1 is the first one of the new build.
 */
import { rename } from 'node:fs/promises';
import { writeUniqueBuild } from './unique-build.mjs';

const POLL_EVERY_MS = 100;

/**
 * `answerMs` is the time from the rename that finishes the copy to the first answer of the new build. `longestPollMs` is
 * the longest poll that was answered until then, and `busy` how many polls failed with POLL_BUSY.
 */
export async function changeBuild(api, name, { from, to }) {
  await api.poll(name);
  await writeUniqueBuild(from, `${to}.copy`);
  await rename(`${to}.copy`, to);
  const startedAt = performance.now();
  const seen = { longestPollMs: 0, busy: 0 };
  let timer;
  const answered = new Promise((resolve, reject) => {
    const poll = async () => {
      const isNew = await pollOnce(api, name, seen);
      if (isNew) resolve(performance.now() - startedAt);
    };
    const pollOrReject = () => poll().catch(reject);
    timer = setInterval(pollOrReject, POLL_EVERY_MS);
    pollOrReject();
  });
  try {
    return { answerMs: await answered, ...seen };
  } finally {
    clearInterval(timer);
  }
}

async function pollOnce(api, name, seen) {
  const askedAt = performance.now();
  try {
    const { readings } = await api.poll(name);
    seen.longestPollMs = Math.max(seen.longestPollMs, performance.now() - askedAt);
    return readings[0].values.count === 1;
  } catch (error) {
    if (error.code !== 'POLL_BUSY') throw error;
    seen.busy += 1;
    return false;
  }
}
