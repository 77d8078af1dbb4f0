/** A runtime that could not be opened, and whose cause passes: it opens by itself. Where the tests run as root, as nobody. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SharedRuntime } from '../../nodes/shared-runtime';
import { configFingerprint } from '../../src/host-config/host-config-file';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import { openRuntime } from '../../src/runtime/open-runtime';
import { NONE_BUNDLED } from '../runtime/test-runtime';
import { until } from '../support/until';

const NOBODY = 65_534;
/** The retry comes after half a minute. */
const LIMIT_MS = 120_000;

const wasi = (userDir: string) => join(userDir, 'wasi');
const toml = (userDir: string) => join(userDir, 'wasi', 'host.toml');

interface Cause {
  make(userDir: string): void;
  end(userDir: string): void;
  readonly code: string;
  readonly says: RegExp;
}

const CAUSES: Readonly<Record<string, Cause>> = {
  'its folder may not be entered': {
    make: (dir) => chmodSync(wasi(dir), 0),
    end: (dir) => chmodSync(wasi(dir), 0o700),
    code: 'CONFIG_INVALID',
    says: /host\.toml cannot be read \(EACCES\): the user of Node-RED may not/,
  },
  'its folder cannot be made': {
    make: (dir) => {
      rmSync(wasi(dir), { recursive: true });
      chmodSync(dir, 0o500);
    },
    end: (dir) => chmodSync(dir, 0o700),
    code: 'PLUGIN_STORAGE',
    says: /plugins cannot be made \(EACCES\)/,
  },
  'host.toml may not be read': {
    make: (dir) => chmodSync(toml(dir), 0),
    end: (dir) => chmodSync(toml(dir), 0o600),
    code: 'CONFIG_INVALID',
    says: /\(EACCES\)/,
  },
  'host.toml is cut off': {
    make: (dir) => writeFileSync(toml(dir), '[plug'),
    end: (dir) => writeFileSync(toml(dir), NONE_BUNDLED),
    code: 'CONFIG_INVALID',
    says: /line 1/,
  },
  'host.toml is a folder': {
    make: (dir) => {
      rmSync(toml(dir));
      mkdirSync(toml(dir));
    },
    end: (dir) => rmdirSync(toml(dir)),
    code: 'CONFIG_INVALID',
    says: /\(EISDIR\): it is a folder where a file is needed/,
  },
  'host.toml is a link in a circle': {
    make: (dir) => {
      rmSync(toml(dir));
      symlinkSync('host.toml', toml(dir));
    },
    end: (dir) => rmSync(toml(dir)),
    code: 'CONFIG_INVALID',
    says: /\(ELOOP\)/,
  },
  'host.toml is a link that leads nowhere': {
    make: (dir) => {
      rmSync(toml(dir));
      symlinkSync('elsewhere', toml(dir));
    },
    end: (dir) => writeFileSync(join(wasi(dir), 'elsewhere'), NONE_BUNDLED),
    code: 'CONFIG_INVALID',
    says: /leads nowhere/,
  },
  'host.toml has 400 MB': {
    make: (dir) => truncateSync(toml(dir), 400 * 2 ** 20),
    end: (dir) => writeFileSync(toml(dir), NONE_BUNDLED),
    code: 'CONFIG_INVALID',
    says: /expected at most 65536 bytes/,
  },
  'a file is in the place of the plugin folder': {
    make: (dir) => writeFileSync(join(wasi(dir), 'plugins'), ''),
    end: (dir) => rmSync(join(wasi(dir), 'plugins')),
    code: 'PLUGIN_STORAGE',
    says: /\(EEXIST\): it is a file where a folder is needed/,
  },
};

function asNobody(): void {
  if (process.getuid?.() === 0) process.seteuid?.(NOBODY);
}

function asBefore(): void {
  if (process.getuid?.() === 0) process.seteuid?.(0);
}

describe('a runtime that cannot be opened', { concurrency: true }, () => {
  // Not before the reporters have opened their files. Processes that it starts are started by nobody as well, who has to
  // reach this package.
  before(asNobody);
  after(asBefore);

  for (const [what, { make, end, code, says }] of Object.entries(CAUSES)) {
    it(`since ${what} opens by itself once that is over`, async () => {
      const userDir = mkdtempSync(join(tmpdir(), 'wasi-reopen-'));
      mkdirSync(wasi(userDir));
      writeFileSync(toml(userDir), NONE_BUNDLED);
      make(userDir);
      const options = {
        configSource: 'file',
        configFile: '',
        configText: '',
        hardware: 'simulated',
        pluginDir: '',
        userDir,
        log: () => undefined,
      } as const;
      const runtime = new SharedRuntime({
        open: () => openRuntime(options),
        hostToml: new HostTomlFile(options),
        pluginDir: join(wasi(userDir), 'plugins'),
        fingerprint: () => configFingerprint(options),
        warn: (text) => assert.fail(text),
      });
      const release = runtime.use({ phaseChanged: () => undefined, runtimeEvent: () => undefined });
      try {
        await assert.rejects(runtime.whenOpen(), (error: Error & { code: string }) => {
          assert.equal(error.code, code);
          assert.match(error.message, says);
          assert.match(error.message, /It is tried again every half minute/);
          return true;
        });
        end(userDir);
        await until(
          () => runtime.phase.kind === 'open',
          () => `an open runtime, not ${JSON.stringify(runtime.phase)}`,
          LIMIT_MS,
        );
      } finally {
        release();
        await runtime.close();
        rmSync(userDir, { recursive: true, force: true });
      }
    });
  }
});
