/** How often a node asks an endpoint that responds at once and wrongly: each of its loops waits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until';
import { openNode } from './cluster-nodes';
import { HEADER, HostileServer, type Respond, says } from './hostile-server';

/** Publisher, follower, presence, election and the look at the cluster itself, each a few times a second. */
const MAX_PER_SECOND = 20;
const SECONDS = 5;

const refusal = (code: number, text: string) => ({ error: text, message: text, code });
const answers = (path: string) =>
  path.includes('keepalive') || path.includes('watch')
    ? `${JSON.stringify({ result: { header: HEADER, created: true } })}\n`
    : JSON.stringify({ header: HEADER, ID: '5', TTL: '10', succeeded: true });

/** `status`: of the cluster it tells the truth. */
const exceptStatus =
  (respond: Respond): Respond =>
  (path, response) =>
    path.includes('status') ? says(200, { header: HEADER })(path, response) : respond(path, response);

const SERVERS: Readonly<Record<string, Respond>> = {
  'an empty object': says(200, {}),
  'an empty object to all but its status': exceptStatus(says(200, {})),
  'a header alone, and streams that end': (_path, response) => response.end(answers(_path)),
  'that no transaction succeeds': (path, response) => {
    const responses = Array.from({ length: 1 }, () => ({ response_range: { header: {} } }));
    response.end(path.includes('txn') ? JSON.stringify({ header: HEADER, responses }) : answers(path));
  },
  'an error of a proxy': says(500, { error: 'upstream failed' }),
  'that there is no such lease': exceptStatus(says(404, refusal(5, 'etcdserver: requested lease not found'))),
  'that it is denied': exceptStatus(says(403, refusal(7, 'etcdserver: permission denied'))),
  'that the revision is compacted': exceptStatus(
    says(400, refusal(11, 'etcdserver: mvcc: required revision has been compacted')),
  ),
  'that the token is wrong': exceptStatus(says(401, refusal(16, 'etcdserver: invalid auth token'))),
  'a connection that is reset': (_path, response) => response.destroy(),
};

describe('a node whose only endpoint responds', () => {
  for (const [what, respond] of Object.entries(SERVERS)) {
    it(`${what}, asks it a few times a second`, async (t) => {
      const server = await HostileServer.start(respond);
      const node = await openNode('pi', 'voter', [server.url]);
      try {
        node.publish(5);
        await until(() => server.asked.length > 0);
        server.asked.length = 0;
        await pause(SECONDS * 1_000);
        const perSecond = server.asked.length / SECONDS;
        t.diagnostic(`${perSecond} requests a second`);
        assert.ok(perSecond <= MAX_PER_SECOND, `${perSecond} requests a second`);
        assert.equal(node.cluster.counts.waiting, 5);
      } finally {
        await Promise.all([node.close(), server.stop()]);
      }
    });
  }
});
