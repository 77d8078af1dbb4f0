/**
 * A node that was away while much was written, at a real etcd: it reads what it missed in small pieces, once and in order,
 * and follows again, however large the history is that a watch would have to tell.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { deleteRange, put, range, transact } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { watch } from '../../src/cluster/etcd/watch';
import { batchKey, cursorKey, EVERYTHING, latestKey, PREFIX, presenceKey } from '../../src/cluster/keys';
import { batchText, latestText, positionsText, presenceText, readingText } from '../../src/cluster/wire';
import { until } from '../support/until';
import { EtcdCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { type Following, follow, upTo } from './following';
import { LossyGateway } from './lossy-gateway';
import { measured } from './measured';
import { reading, seeded } from './numbered-readings';

const EPOCH = 'abcdef';
const SEED = 24;
/** More than what one line, or one response, may have. */
const BACKLOG_BYTES = 24 * 2 ** 20;
/** Of what is read at once; 16 MiB is what is refused. */
const LARGEST_RESPONSE_BYTES = 4 * 2 ** 20;

/** What etcd takes as one request is what it tells in one piece as well: its own 1.5 MB, or somebody needed more. */
for (const requestBytes of [1.5 * 2 ** 20, 64 * 2 ** 20])
  describe(`a follower that comes back to a large backlog, where requests have up to ${requestBytes} bytes`, {
    skip: noEtcd,
  }, () => {
    const isRaised = requestBytes > LARGEST_RESPONSE_BYTES;
    let cluster: EtcdCluster;
    let member: EtcdMember;
    let line: LossyGateway;
    let following: Following;
    before(async () => {
      cluster = await EtcdCluster.start({
        voters: 1,
        environment: { ETCD_MAX_REQUEST_BYTES: String(requestBytes), ETCD_QUOTA_BACKEND_BYTES: String(2 ** 30) },
      });
      member = new EtcdMember(cluster.urls[0] ?? '', { deadlineMs: 20_000 });
    });
    beforeEach(async () => {
      await deleteRange(member, EVERYTHING);
      line = await LossyGateway.start(cluster.urls[0] ?? '');
      following = follow([line.url]);
      await until(() => following.follower.state.kind === 'following');
    });
    after(async () => {
      member?.close();
      await cluster?.stop();
    });

    async function away(whileAway: () => Promise<void>): Promise<void> {
      line.isDown = true;
      line.cut();
      await whileAway();
      line.largestResponse = 0;
      line.isDown = false;
    }

    /** As a publisher does: batch and cursor at once. `padding`: characters in each reading. */
    async function publish(from: number, count: number, padding = 0): Promise<void> {
      const texts = Array.from({ length: count }, (_, i) => {
        const { values, ...rest } = reading('busy', from + i);
        return readingText({ ...rest, values: { ...values, text: 'x'.repeat(padding) } });
      });
      await transact(member, {
        compare: [],
        success: [
          { kind: 'put', key: batchKey('busy', EPOCH, from + 1), value: batchText(EPOCH, from + 1, Date.now(), texts) },
          { kind: 'put', key: cursorKey('busy'), value: positionsText([[EPOCH, from + count]]) },
        ],
      });
    }

    async function close(): Promise<void> {
      await following.close();
      await line.stop();
    }

    it('of many batches', async (test) => {
      await publish(0, 1);
      await until(() => following.numbers.length === 1);
      const batches = Math.ceil(BACKLOG_BYTES / 30_000);
      await away(async () => {
        for (let i = 0; i < batches; i++) await publish(1 + i, 1, 30_000);
      });
      const cost = await measured(() => until(() => following.numbers.length > batches));
      await publish(batches + 1, 1);
      await until(() => following.numbers.length > batches + 1);
      assert.deepEqual(following.numbers, upTo(batches + 2));
      assert.equal(following.told.missed, 0);
      assert.ok(line.largestResponse < LARGEST_RESPONSE_BYTES, `${line.largestResponse} bytes at once`);
      test.diagnostic(`${cost}, largest response ${line.largestResponse} bytes`);
      await close();
    });

    it('of newest readings that were written again and again', async (test) => {
      const latest = latestText([{ epoch: EPOCH, seq: 1, text: readingText(reading('busy', 0)) }]);
      await away(async () => {
        for (let i = 0; i < BACKLOG_BYTES / 250_000; i++) {
          await publish(i, 1);
          await put(member, {
            key: latestKey('busy'),
            value: `${latest.slice(0, -1)},"more":"${'x'.repeat(250_000)}"}`,
          });
        }
      });
      const count = Math.ceil(BACKLOG_BYTES / 250_000);
      const cost = await measured(() => until(() => following.numbers.length >= count));
      await publish(count, 1);
      await until(() => following.numbers.length > count);
      assert.deepEqual(following.numbers, upTo(count + 1));
      assert.ok(line.largestResponse < LARGEST_RESPONSE_BYTES, `${line.largestResponse} bytes at once`);
      test.diagnostic(`${cost}, largest response ${line.largestResponse} bytes`);
      await close();
    });

    it('and has what the publisher has taken away since, as long as etcd remembers it', async () => {
      await publish(0, 1);
      await until(() => following.numbers.length === 1);
      await away(async () => {
        for (let i = 1; i <= 300; i++) {
          await publish(i, 1, 1_000);
          if (i % 50 === 0) {
            const end = batchKey('busy', EPOCH, i - 10);
            await deleteRange(member, { key: batchKey('busy', EPOCH, 1), end });
          }
        }
      });
      await until(() => following.numbers.length > 300);
      assert.deepEqual(following.numbers, upTo(301));
      assert.equal(following.told.missed, 0);
      await close();
    });

    it('and has everything, whatever is written and taken away again and again', async (test) => {
      const random = seeded(SEED);
      test.diagnostic(`seed ${SEED}`);
      let published = 0;
      let kept = 0;
      await publish(published++, 1);
      for (let round = 0; round < 8; round++) {
        await until(() => following.numbers.length === published);
        await away(async () => {
          for (const until = published + Math.floor(random() * 200); published < until; ) {
            const count = 1 + Math.floor(random() * 3);
            await publish(published, count);
            published += count;
            if (random() > 0.1) continue;
            const to = Math.max(kept, published - Math.floor(random() * 40));
            await deleteRange(member, { key: batchKey('busy', EPOCH, kept + 1), end: batchKey('busy', EPOCH, to + 1) });
            kept = to;
          }
        });
      }
      await until(() => following.numbers.length >= published);
      assert.deepEqual(following.numbers, upTo(published));
      assert.equal(following.told.missed, 0);
      await close();
    });

    it('and knows who came and who went', async () => {
      const presence = presenceText({ role: 'voter', version: '1.0.0', clock: Date.now(), instance: 'x' });
      await put(member, { key: presenceKey('going'), value: presence });
      await publish(0, 1);
      await until(() => following.nodes.all().some(({ node, isPresent }) => node === 'going' && isPresent));
      await away(async () => {
        await deleteRange(member, { key: presenceKey('going') });
        await put(member, { key: presenceKey('coming'), value: presence });
        for (let i = 1; i < 200; i++) await publish(i, 1);
      });
      await until(() => following.numbers.length >= 200);
      await until(() => following.follower.state.kind === 'following');
      const present = following.nodes.all().filter(({ isPresent }) => isPresent);
      assert.deepEqual(
        present.map(({ node }) => node),
        ['coming'],
      );
      await close();
    });

    if (!isRaised)
      it('and a watch that tells a large history tells it in pieces', async () => {
        const { revision } = await range(member, { key: 'x' });
        for (let i = 0; i < BACKLOG_BYTES / 250_000; i++) {
          await put(member, { key: latestKey('busy'), value: String(i).padEnd(250_000, 'x') });
        }
        const told: { readonly n: number; readonly modRevision: bigint }[] = [];
        const ending = new AbortController();
        const begun = watch(member, {
          ...EVERYTHING,
          fromRevision: revision + 1n,
          signal: ending.signal,
          onChanges: (changes, upTo) => {
            for (const change of changes) {
              if (change.kind !== 'put') continue;
              const { modRevision, value } = change.entry;
              assert.ok(modRevision <= upTo + 1n, 'at most one transaction is not complete');
              told.push({ n: Number.parseInt(value, 10), modRevision });
            }
            if (told.length > BACKLOG_BYTES / 250_000) ending.abort();
          },
        });
        await assert.rejects(begun, (error) => error instanceof EtcdError && error.kind === 'closed');
        assert.deepEqual(
          told.map(({ n }) => n),
          upTo(told.length),
        );
        await close();
      });

    if (isRaised)
      it('goes on behind a value that is too large to be told, and says so', async () => {
        await publish(0, 1);
        await until(() => following.numbers.length === 1);
        const theirs = { key: `${PREFIX}theirs`, value: 'x'.repeat(14 * 2 ** 20) };
        await put(member, theirs, { deadlineMs: 30_000 });
        for (let i = 1; i <= 5; i++) await publish(i, 1);
        await until(() => following.numbers.length > 5);
        await until(() => following.follower.state.kind === 'following');
        for (let i = 6; i <= 10; i++) await publish(i, 1);
        await until(() => following.numbers.length > 10);
        assert.deepEqual(following.numbers, upTo(11));
        const faults = following.states.flatMap((state) => ('fault' in state ? [state.fault.kind] : []));
        assert.ok(faults.includes('too-large'), faults.join());
        assert.equal(
          following.told.warnings.filter((text) => /larger than/.test(text)).length,
          1,
          following.told.warnings.join(),
        );
        await close();
      });
  });
