/** Files of 400 MB in the place of what is read here: each is refused before memory is taken for it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readAtMost, readAtMostSync, readTextAtMost, TooLarge } from '../../src/platform/read-at-most';
import { REPOSITORY, scratchFolder } from '../wasm/components';

const HUGE_BYTES = 400 * 2 ** 20;
const SOURCES = join(REPOSITORY, 'dist', 'src');
/** In a process of its own, whose greatest size tells what was read meanwhile; the first call is of a small file. */
const PROGRAM = `
const calls = {
  module: async () => {
    const { CoreModules } = require(${JSON.stringify(join(SOURCES, 'guest-process', 'child', 'core-modules.js'))});
    return (path) => new CoreModules().use([{ file: 'a', path, digest: 'none' }]);
  },
  sweep: async () => {
    const { PreparedStore } = require(${JSON.stringify(join(SOURCES, 'component-store', 'prepared-store.js'))});
    const { sweep } = require(${JSON.stringify(join(SOURCES, 'component-store', 'store-sweep.js'))});
    return (path) => sweep(new PreparedStore(path + '-store', 'test'));
  },
  registers: async () => {
    const { AllocationFile } = require(${JSON.stringify(join(SOURCES, 'modbus', 'allocation-file.js'))});
    return (path) => AllocationFile.open(path, () => undefined);
  },
  state: async () => {
    const { dirname } = require('node:path');
    const { StateFiles } = require(${JSON.stringify(join(SOURCES, 'plugin-host', 'state-files.js'))});
    return (path) => new StateFiles(dirname(path), () => undefined).read('huge');
  },
  cluster: async () => {
    const { memberAccess } = require(${JSON.stringify(join(SOURCES, 'cluster', 'member-access.js'))});
    return (passwordFile) => memberAccess({ endpoints: [], login: { user: 'u', passwordFile } });
  },
};
(async () => {
  const call = await calls[process.argv[1]]();
  const before = process.resourceUsage().maxRSS;
  const said = await call(process.argv[2]).then(() => 'read', (error) => String(error));
  process.stdout.write(JSON.stringify({ grownMb: (process.resourceUsage().maxRSS - before) / 1024, said }));
})();
`;

describe('a file of 400 MB', () => {
  for (const what of ['module', 'sweep', 'registers', 'state', 'cluster']) {
    it(`in the place of what ${what} reads takes no memory`, (t) => {
      const folder = scratchFolder(t);
      const path = join(folder, 'huge.json');
      const huge = what === 'sweep' ? join(`${path}-store`, 'components', 'huge.json') : path;
      if (what === 'sweep') {
        mkdirSync(join(`${path}-store`, 'components'), { recursive: true });
        mkdirSync(join(`${path}-store`, 'blobs'));
      }
      writeFileSync(huge, '', { mode: 0o600 });
      truncateSync(huge, HUGE_BYTES);
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM, what, path], {
        encoding: 'utf8',
        timeout: 120_000,
      });
      assert.notEqual(stdout, '', stderr);
      const { grownMb, said } = JSON.parse(stdout);
      assert.ok(grownMb < 64, `${what} took ${grownMb} MiB and said ${said}`);
    });
  }
});

describe('a file that is read up to a size', () => {
  it('is all of it where it is not larger, and is refused where it is', async (t) => {
    const path = join(scratchFolder(t), 'file');
    writeFileSync(path, 'ä'.repeat(8));
    assert.equal(await readTextAtMost(path, 16), 'ä'.repeat(8));
    assert.equal(readAtMostSync(path, 16).toString(), 'ä'.repeat(8));
    appendFileSync(path, 'x');
    await assert.rejects(readAtMost(path, 16), TooLarge);
    assert.throws(() => readAtMostSync(path, 16), TooLarge);
    writeFileSync(path, '');
    assert.equal((await readAtMost(path, 0)).length, 0);
  });

  it('that is a folder is what the system says of it', async (t) => {
    await assert.rejects(readAtMost(scratchFolder(t), 2 ** 20), { code: 'EISDIR' });
  });
});
