/**
 * A user directory of Node-RED in the system's temporary folder, with the package installed, a settings.js for a free port
 * of this machine alone, and whatever files a test wants in it. The caller removes it.
 */
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../wasm/components';
import { makePrepared, PREPARED } from '../wasm/prepared-guests';
import { installedPackage, installPackage, packageFolder } from './installed-package';

export interface UserDirectoryOptions {
  /** Added to settings.js; must be JSON. */
  readonly settings?: object;
  /** Text by path in the directory. */
  readonly texts?: Readonly<Record<string, string>>;
  /** File to copy by path in the directory. */
  readonly copies?: Readonly<Record<string, string>>;
  /** What was prepared of the tests' guests is there, for tests that are not about preparing. */
  readonly prepared?: boolean;
  /** Another processor than this one, as Node.js names it: the package is installed as it would be there. */
  readonly architecture?: string;
  /** The package is installed anew, with these variables for npm; else a copy of one installation is used. */
  readonly install?: Readonly<Record<string, string>>;
  /** The package is this repository, as it is built, where the packed one cannot be installed. */
  readonly linked?: boolean;
}

const HOST = '127.0.0.1';

const SETTINGS = {
  uiHost: HOST,
  lang: 'en-US',
  flowFile: 'flows.json',
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};

export async function makeUserDirectory(options: UserDirectoryOptions) {
  const { settings = {}, texts = {}, copies = {}, architecture, install, linked = false, prepared = false } = options;
  const userDir = await mkdtemp(join(tmpdir(), 'wasi-node-red-'));
  const uiPort = await freePort();
  if (linked) await linkPackage(userDir);
  else if (install) await installPackage(userDir, { ...process.env, ...install });
  else await cp(await installedPackage(architecture), userDir, { recursive: true });
  const settingsText = `module.exports = ${JSON.stringify({ ...SETTINGS, uiPort, ...settings })};\n`;
  for (const [path, text] of Object.entries({ ...texts, 'settings.js': settingsText })) {
    await mkdir(dirname(join(userDir, path)), { recursive: true });
    await writeFile(join(userDir, path), text);
  }
  for (const [path, source] of Object.entries(copies)) {
    await mkdir(dirname(join(userDir, path)), { recursive: true });
    await cp(source, join(userDir, path));
  }
  if (prepared) {
    await mkdir(join(userDir, 'wasi'), { recursive: true });
    makePrepared();
    await symlink(PREPARED, join(userDir, 'wasi', 'prepared'));
  }
  return { userDir, url: `http://${HOST}:${uiPort}` };
}

async function linkPackage(userDir: string): Promise<void> {
  const link = packageFolder(userDir);
  await mkdir(dirname(link), { recursive: true });
  await symlink(REPOSITORY, link);
  const name = '@edge-wasi/node-red-wasi';
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ dependencies: { [name]: '*' } }));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}
