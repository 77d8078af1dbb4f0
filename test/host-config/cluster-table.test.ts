/** [cluster] of host.toml. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsed, refusal } from './host-toml';

describe('[cluster]', () => {
  it('names the endpoints, the certificate and the user, and keeps a password in a file of its own', () => {
    const { cluster } = parsed(`
      [cluster]
      enabled = true
      node_id = "revpi"
      role = "leader-preferred"
      endpoints = ["https://127.0.0.1:2379/", "https://10.0.0.2:2379"]
      tls = { ca = "/etc/edge-wasi/ca.pem", cert = "/etc/edge-wasi/node.pem", key = "/etc/edge-wasi/node.key" }
      user = "edge-wasi"
      password_file = "/etc/edge-wasi/password"`);
    assert.deepEqual(cluster, {
      enabled: true,
      nodeId: 'revpi',
      role: 'leader-preferred',
      endpoints: ['https://127.0.0.1:2379', 'https://10.0.0.2:2379'],
      tls: { ca: '/etc/edge-wasi/ca.pem', cert: '/etc/edge-wasi/node.pem', key: '/etc/edge-wasi/node.key' },
      login: { user: 'edge-wasi', passwordFile: '/etc/edge-wasi/password' },
    });
  });

  it('takes a user whose password is kept by Node-RED', () => {
    assert.deepEqual(parsed('[cluster]\nuser = "pi"').cluster.login, { user: 'pi' });
  });

  it('warns of a password in host.toml as of any unknown key, and keeps it out of the configuration', () => {
    const config = parsed('[cluster]\nuser = "pi"\npassword = "secret"');
    assert.match(config.warnings[0] ?? '', /cluster\.password: unknown key/);
    assert.doesNotMatch(JSON.stringify(config), /secret/);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['endpoints = []', /endpoints: expected one to 16 URLs/],
    [`endpoints = [${'"http://a:1", '.repeat(17)}]`, /endpoints: expected one to 16 URLs, found "17 of them"/],
    ['endpoints = ["http://a:1", "http://a:1/"]', /endpoints: expected URLs that differ/],
    ['endpoints = ["http://a:1/v3"]', /endpoints\[0\]: expected a URL/],
    ['endpoints = ["http://user:pass@a:1"]', /endpoints\[0\]: expected a URL/],
    [
      'endpoints = ["http://a:1"]\ntls = { ca = "/ca.pem" }',
      /endpoints: expected https:\/\/ where .*found "http:\/\/a:1"/,
    ],
    ['endpoints = ["https://a:1"]\ntls = { cert = "/c.pem" }', /tls\.key: expected "cert" and "key" together/],
    ['endpoints = ["https://a:1"]\ntls = { ca = "ca.pem" }', /tls\.ca: expected an absolute path/],
    ['password_file = "/p"', /user: expected the user whose password/],
    ['user = "a b"', /user: expected the name of one of etcd's users/],
    ['user = "a"\npassword_file = "p"', /password_file: expected an absolute path/],
  ];
  for (const [lines, message] of refused) {
    it(`refuses ${lines.slice(0, 60).replace('\n', ', ')}`, () =>
      assert.match(refusal(`[cluster]\nenabled = true\n${lines}`), message));
  }

  it('of the original Rust host is understood: its roles, and its addresses with what replaces them', () => {
    for (const [role, expected] of [
      ['hub', 'leader-preferred'],
      ['spoke', 'voter'],
    ]) {
      const addresses = 'hub_url = "http://hub:8080"\nspoke_buzzer_url = "http://spoke:8081/buzzer"';
      const config = parsed(`[cluster]\nenabled = false\nrole = "${role}"\n${addresses}`);
      assert.equal(config.cluster.role, expected);
      assert.match(config.warnings.join('\n'), /cluster\.hub_url: it is not used any more: .*"endpoints"/);
      assert.match(config.warnings.join('\n'), /cluster\.spoke_buzzer_url: .*docs\/mqtt\.md/);
      assert.equal(config.warnings.length, 2);
    }
  });

  it('that is not enabled stops nothing, whatever its values are, and they are warned of', () => {
    const config = parsed('[cluster]\nrole = "captain"\nendpoints = ["ftp://a"]\nuser = 5\n');
    assert.equal(config.warnings.length, 3);
    for (const warning of config.warnings) assert.match(warning, /it has no effect, since the cluster is not enabled/);
    assert.match(refusal('[cluster]\nnode_id = "a/b"'), /node_id/, 'the name is part of every topic');
  });
});
