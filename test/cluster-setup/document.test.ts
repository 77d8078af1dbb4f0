/**
 * docs/cluster.md, typed as it stands, each machine with an address of the loopback instead of its own: what the commands
 * print is what is printed there, certificates of its openssl lines will do, and users of its etcdctl lines have their keys
 * and no others.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { EtcdError } from '../../src/cluster/etcd/etcd-error';
import { put } from '../../src/cluster/etcd/key-values';
import { EtcdMember } from '../../src/cluster/etcd/member';
import { presenceKey } from '../../src/cluster/keys';
import { etcdPrograms, noEtcd } from '../cluster/etcd-programs';
import { REPOSITORY } from '../wasm/components';
import { Authority, noOpenssl } from './certificates';
import { Site } from './site';

const DOCUMENT = readFileSync(join(REPOSITORY, 'docs', 'cluster.md'), 'utf8');
const NODES = ['revpi', 'pi4', 'zero-a', 'zero-b'];
const COMMAND = /npx edge-wasi cluster (.*)$/;
const ADDRESS = /10\.0\.0\.([1-4])\b/g;

function site(test: TestContext): Site {
  const on = new Site();
  test.after(() => on.close());
  // In the order of the document's addresses.
  for (const name of NODES) on.address(name);
  return on;
}

/** With the addresses of the test's machines. */
function placed(on: Site, text: string): string {
  return text.replaceAll(ADDRESS, (_, n) => on.address(NODES[Number(n) - 1] ?? ''));
}

/** The other way; columns are as wide as the longest address. */
function asInDocument(on: Site, text: string): string {
  return NODES.reduce((said, name, i) => said.replaceAll(on.address(name), `10.0.0.${i + 1}`), text);
}

function section(title: string): string {
  const [, after = ''] = DOCUMENT.split(`\n## ${title}\n`);
  return after.split('\n## ')[0] ?? '';
}

function blocks(title: string): { language: string; text: string }[] {
  return [...section(title).matchAll(/```(\w+)\n([\s\S]*?)\n```/g)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

function shell(lines: string, cwd: string, path: string): void {
  execFileSync('sh', ['-ec', lines], { cwd, stdio: 'pipe', env: { ...process.env, PATH: path } });
}

describe('docs/cluster.md', { skip: noEtcd }, () => {
  it('sets up four nodes, and shows what its commands print', async (test) => {
    const on = site(test);
    let said = '';
    let compared = 0;
    const machines = [...NODES, 'revpi'];
    for (const { language, text } of blocks('Setting it up')) {
      if (language === 'sh') {
        const args = COMMAND.exec(placed(on, text))?.[1]?.split(' ') ?? [];
        const { status, stdout } = await on.run(machines.shift() ?? '', args);
        assert.equal(status, 0, stdout);
        said = asInDocument(on, stdout);
      } else {
        // Whose etcd it is, and how much it holds, is of this machine.
        const shown = text.replaceAll('3.4.23', etcdPrograms().version);
        assert.equal(said.trim(), shown);
        compared += 1;
      }
    }
    assert.deepEqual([compared, machines], [3, []]);
  });

  it('makes certificates that a cluster is founded with', { skip: noOpenssl }, async (test) => {
    const on = site(test);
    const folder = join(on.folder, 'tls');
    mkdirSync(folder);
    const lines = blocks('TLS').filter(({ language }) => language === 'sh');
    const making = lines.filter(({ text }) => text.includes('openssl'));
    assert.equal(making.length, 2);
    for (const { text } of making) shell(placed(on, text), folder, process.env['PATH'] ?? '');
    const typed = lines.flatMap(({ text }) => COMMAND.exec(text)?.[1] ?? []);
    const args = placed(on, typed[0] ?? '')
      .replaceAll('/etc/edge-wasi', folder)
      .split(' ');
    const { status, stdout } = await on.run('revpi', args);
    assert.equal(status, 0, stdout);
    assert.doesNotMatch(stdout, /warning/);
    assert.match(stdout, /^\| tls = \{ ca = /m);
  });

  for (const isTls of [false, true]) {
    const how = isTls ? ', with certificates as well' : '';
    it(`makes a user that may write what a node writes, and nothing else${how}`, {
      skip: isTls && noOpenssl,
    }, async (test) => {
      const on = site(test);
      const files = isTls ? new Authority(on.folder).sign('revpi', on.address('revpi')) : undefined;
      const flags = files ? ['--tls-ca', files.ca, '--tls-cert', files.cert, '--tls-key', files.key] : [];
      assert.equal((await on.init('revpi', flags)).status, 0);
      const url = files ? on.url('revpi').replace('http:', 'https:') : on.url('revpi');
      const [typed] = blocks('Users and passwords').filter(({ language }) => language === 'sh');
      const lines = placed(on, typed?.text ?? '').replace(on.url('revpi'), url);
      const certificates = files
        ? `export ETCDCTL_CACERT=${files.ca} ETCDCTL_CERT=${files.cert} ETCDCTL_KEY=${files.key}\n`
        : '';
      shell(certificates + lines, on.folder, `${dirname(etcdPrograms().etcdctl)}:${process.env['PATH']}`);
      const [, password = ''] = /user add node:(\S+)/.exec(lines) ?? [];
      const read = (path: string) => readFileSync(path, 'utf8');
      const tls = files && { ca: read(files.ca), cert: read(files.cert), key: read(files.key) };
      const node = new EtcdMember(url, { credentials: { user: 'node', password }, tls });
      test.after(() => node.close());
      await put(node, { key: presenceKey('pi4'), value: '{}' });
      await assert.rejects(
        put(node, { key: '/theirs', value: '1' }),
        (error) => error instanceof EtcdError && error.kind === 'denied',
      );
    });
  }
});
