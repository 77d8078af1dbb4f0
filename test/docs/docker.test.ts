/**
 * docs/docker.md: its compose file is YAML that says what the text promises, it has every device that docs/hardware.md names, and what it
 * says of the doctor holds. No Docker is asked.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY } from '../wasm/components';

const text = (name: string) => readFileSync(join(REPOSITORY, name), 'utf8');
const DOCUMENT = text(join('docs', 'docker.md'));
const HARDWARE = text(join('docs', 'hardware.md'));
const REVPI = text(join('docs', 'revpi.md'));

/** Node-RED's own parser, of its YAML node. */
function parseYaml(yaml: string): unknown {
  const nodes = createRequire(require.resolve('node-red')).resolve('@node-red/nodes/package.json');
  const { load }: { load(text: string): unknown } = createRequire(nodes)('js-yaml');
  return load(yaml);
}

function block(pattern: RegExp): string {
  const found = pattern.exec(DOCUMENT)?.[1];
  assert.ok(found !== undefined, `docs/docker.md has no block ${pattern}`);
  return found;
}

interface Service {
  readonly [key: string]: unknown;
  readonly devices: readonly string[];
  readonly group_add: readonly string[];
  readonly volumes: readonly string[];
}

const COMPOSE = parseYaml(block(/<!-- compose -->\n```yaml\n([\s\S]*?)```/)) as {
  readonly services: { readonly 'node-red': Service };
  readonly volumes: object;
};
const SERVICE = COMPOSE.services['node-red'];

/** `/dev/ttyUSB0` and the like; what is a folder or ends in "…" is no device. */
function devicesIn(document: string): string[] {
  return [...new Set(document.match(/\/dev\/[a-zA-Z][\w.-]*\d\b|\/dev\/ttyRS485\b|\/dev\/mem\b/g) ?? [])];
}

describe('the compose file', () => {
  it('gives the service no privilege', () => {
    assert.equal(SERVICE['privileged'], undefined);
    assert.equal(SERVICE['cap_add'], undefined);
    assert.equal(SERVICE['network_mode'], undefined);
    assert.equal(SERVICE['user'], undefined, "the image's own user is not root");
    assert.deepEqual(SERVICE['cap_drop'], ['ALL']);
    assert.deepEqual(SERVICE['security_opt'], ['no-new-privileges:true']);
    assert.equal(SERVICE['read_only'], true);
    assert.deepEqual(SERVICE['tmpfs'], ['/tmp']);
  });

  it('bounds memory, threads and the time to stop', () => {
    assert.match(String(SERVICE['mem_limit']), /^\d+m$/);
    assert.ok(Number.parseInt(String(SERVICE['mem_limit']), 10) >= 570, 'what the doctor would warn of');
    assert.ok(Number(SERVICE['pids_limit']) >= 256);
    assert.equal(SERVICE['stop_grace_period'], '30s');
  });

  it('keeps the user directory in a volume that it declares', () => {
    assert.deepEqual(SERVICE.volumes, ['node-red:/data']);
    assert.deepEqual(Object.keys(COMPOSE.volumes), ['node-red']);
  });

  it('has the devices of the default host.toml, each under its own name, and all are in the table', () => {
    for (const device of SERVICE.devices) {
      const [outside, inside] = device.split(':');
      assert.equal(outside, inside);
      assert.ok(DOCUMENT.includes(`| \`${outside}\` |`), `${outside} is not in the table`);
    }
    // Those of the drop-in for a service in a sandbox: what host.toml needs by default.
    const needed = [...HARDWARE.matchAll(/^DeviceAllow=(\S+) rw$/gm)].map(([, path]) => path);
    assert.deepEqual(SERVICE.devices.map((device) => device.split(':')[0]).sort(), needed.sort());
  });

  it('adds the groups of docs/hardware.md, by numbers that .env must have', () => {
    const groups = [...HARDWARE.matchAll(/^\| `(\w+)` \| \/dev\//gm)].map(([, group = '']) => group);
    assert.deepEqual(
      SERVICE.group_add,
      groups.map((group) => `\${${group.toUpperCase()}_GID:?see .env}`),
    );
    for (const group of groups) assert.match(DOCUMENT, new RegExp(`^for group in .*\\b${group}\\b`, 'm'));
  });
});

describe('docs/docker.md', () => {
  it('names every device file of docs/hardware.md and docs/revpi.md', () => {
    const all = [...devicesIn(HARDWARE), ...devicesIn(REVPI)];
    assert.ok(all.length >= 6, all.join(' '));
    assert.deepEqual(
      all.filter((path) => !DOCUMENT.includes(path)),
      [],
    );
  });

  it('has the lines of an add-on as YAML', () => {
    const addOn = block(/config\.yaml,\n\n {2}```yaml\n([\s\S]*?) {2}```/);
    assert.deepEqual(parseYaml(addOn), { gpio: true, devices: ['/dev/i2c-1', '/dev/spidev0.0'] });
  });

  it('says plainly that Docker was not tried', () => {
    assert.match(DOCUMENT, /nothing here ran in Docker, Podman or Home Assistant/);
  });

  it('is linked from the README and from docs/hardware.md', () => {
    assert.ok(text('README.md').includes('(docs/docker.md)'));
    assert.ok(HARDWARE.includes('(docker.md)'));
  });
});
