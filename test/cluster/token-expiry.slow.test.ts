/**
 * Tokens of users that run out while nodes work, over TLS, with real etcds: signed ones after three seconds whatever is done
 * with them, and etcd's own, which a member that was restarted does not know any more.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { base64 } from '../../src/cluster/etcd/json-fields';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { PREFIX } from '../../src/cluster/keys';
import { systemClock } from '../../src/platform/clock';
import { until } from '../support/until';
import { noOpenssl, TestAuthority } from './certificates';
import { CLIENT_PORT, type EtcdCluster, inCluster } from './etcd-cluster';
import { noEtcd } from './etcd-programs';
import { reading } from './numbered-readings';
import { type OpenedCluster, openCluster } from './opened-cluster';
import { loopbackPlace } from './places';

const TLS_PORT = 2378;
const TOKEN_LIVES_S = 3;
/** Each token runs out five times. */
const WORK_MS = 5 * TOKEN_LIVES_S * 1_000;
const PACE_MS = 50;
const PASSWORD = 'of the tests';

/** Everything below the prefix, as docs/cluster.md grants it. */
const GRANT = { permType: 'READWRITE', key: base64(PREFIX), range_end: base64(`${PREFIX.slice(0, -1)}0`) };

class Node {
  readonly observed: number[] = [];
  /** Each that it held, in order. */
  readonly tokens: number[] = [];
  /** How often it was seen not to lead any more. */
  lapses = 0;
  published = 0;
  readonly #publishing: NodeJS.Timeout;
  readonly #asking: NodeJS.Timeout;

  private constructor(
    readonly name: string,
    readonly other: string,
    readonly opened: OpenedCluster,
    readonly warnings: readonly string[],
  ) {
    opened.cluster.subscribe((event) => {
      if (event.kind !== 'readings') return;
      for (const { node, values } of event.readings) if (node === other) this.observed.push(Number(values['n']));
    });
    this.#publishing = setInterval(() => {
      opened.publish([reading(name, this.published)]);
      this.published += 1;
    }, PACE_MS);
    this.#asking = setInterval(() => {
      const leading = opened.cluster.leading();
      if (!leading.isLeader && this.tokens.length > 0) this.lapses += 1;
      if (leading.isLeader && this.tokens.at(-1) !== leading.token) this.tokens.push(leading.token);
    }, PACE_MS);
  }

  static async open(t: TestContext, name: string, other: string, setup: Setup): Promise<Node> {
    const warnings: string[] = [];
    const opened = await openCluster({
      config: {
        enabled: true,
        nodeId: name,
        role: 'voter',
        endpoints: [setup.url],
        tls: { ca: setup.ca },
        login: { user: 'edge', passwordFile: setup.passwordFile },
      },
      outboxFolder: join(setup.folder, name),
      version: '1.0.0',
      clock: systemClock,
      log: (level, text) => {
        if (level === 'warn') warnings.push(text);
      },
      onListenerError: (error) => {
        throw error;
      },
    });
    const node = new Node(name, other, opened, warnings);
    t.after(() => node.close());
    return node;
  }

  stopPublishing(): void {
    clearInterval(this.#publishing);
  }

  async close(): Promise<void> {
    clearInterval(this.#publishing);
    clearInterval(this.#asking);
    await this.opened.close();
  }
}

interface Setup {
  readonly folder: string;
  readonly url: string;
  readonly ca: string;
  readonly passwordFile: string;
}

/** One member that takes users alone, by TLS; and two nodes that publish to each other. */
async function withUsers(
  t: TestContext,
  tokens: (folder: string) => NodeJS.ProcessEnv,
  work: (cluster: EtcdCluster, nodes: readonly [Node, Node]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wasi-tokens-'));
  const place = loopbackPlace();
  const address = place.address(1);
  const authority = new TestAuthority(folder, 'authority');
  const server = authority.sign('server', { names: `IP:${address}` });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const environment = {
    ETCD_LISTEN_CLIENT_URLS: `http://${address}:${CLIENT_PORT},https://${address}:${TLS_PORT}`,
    ETCD_CERT_FILE: server.cert,
    ETCD_KEY_FILE: server.key,
    ...tokens(folder),
  };
  await inCluster({ voters: 1, place, environment }, async (cluster) => {
    const root = new EtcdMember(cluster.urls[0] ?? '');
    for (const [path, body] of [
      ['user/add', { name: 'root', password: PASSWORD }],
      ['role/add', { name: 'root' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['user/add', { name: 'edge', password: PASSWORD }],
      ['role/add', { name: 'edge' }],
      ['role/grant', { name: 'edge', perm: GRANT }],
      ['user/grant', { user: 'edge', role: 'edge' }],
      ['enable', {}],
    ] as const)
      await root.call(`/v3/auth/${path}`, body);
    root.close();
    const setup = { folder, url: `https://${address}:${TLS_PORT}`, ca: server.ca, passwordFile };
    const first = await Node.open(t, 'first', 'second', setup);
    await until(() => first.tokens.length === 1);
    const second = await Node.open(t, 'second', 'first', setup);
    await until(() => second.observed.length > 0 && first.observed.length > 0);
    await work(cluster, [first, second]);
    for (const node of [first, second]) await node.close();
  });
  rmSync(folder, { recursive: true });
}

/** Each of the other node's readings once and in order. */
async function assertAllObserved(nodes: readonly [Node, Node]): Promise<void> {
  for (const node of nodes) node.stopPublishing();
  const [first, second] = nodes;
  for (const [reader, writer] of [
    [first, second],
    [second, first],
  ] as const) {
    await until(
      () => reader.observed.at(-1) === writer.published - 1,
      () => `${reader.name} observed ${reader.observed.length} of ${writer.published}; ${reader.warnings.join('\n')}`,
    );
    // A node that starts later is told of what etcd keeps.
    const from = reader.observed[0] ?? 0;
    assert.deepEqual(
      reader.observed,
      Array.from({ length: writer.published - from }, (_, n) => from + n),
    );
  }
}

describe('a token of a user', { skip: noEtcd || noOpenssl }, () => {
  it('that runs out while it is used is replaced: no reading is lost, and nobody loses the leadership', async (t) => {
    const signed = (folder: string): NodeJS.ProcessEnv => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      const [pub, priv] = [join(folder, 'token.pub'), join(folder, 'token.key')];
      writeFileSync(pub, publicKey.export({ type: 'spki', format: 'pem' }));
      writeFileSync(priv, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
      return { ETCD_AUTH_TOKEN: `jwt,pub-key=${pub},priv-key=${priv},sign-method=RS256,ttl=${TOKEN_LIVES_S}s` };
    };
    await withUsers(t, signed, async (_cluster, nodes) => {
      await pause(WORK_MS);
      await assertAllObserved(nodes);
      const [first, second] = nodes;
      assert.deepEqual([first.tokens.length, first.lapses, second.tokens.length], [1, 0, 0]);
      assert.deepEqual([first.warnings, second.warnings], [[], []]);
      assert.deepEqual(first.opened.cluster.state.members.map(({ node, healthy }) => [node, healthy]).sort(), [
        ['first', true],
        ['second', true],
      ]);
    });
  });

  it('that a member has forgotten over its restart is replaced, and no reading is lost', async (t) => {
    await withUsers(
      t,
      () => ({}),
      async (cluster, nodes) => {
        for (let restart = 0; restart < 3; restart += 1) {
          await cluster.restart('a');
          await until(() =>
            nodes.every(({ opened }) => opened.cluster.state.connected && opened.cluster.counts.waiting < 5),
          );
        }
        await assertAllObserved(nodes);
        const tokens = nodes.flatMap((node) => node.tokens);
        assert.equal(new Set(tokens).size, tokens.length);
        assert.ok(tokens.length > 0);
      },
    );
  });
});
