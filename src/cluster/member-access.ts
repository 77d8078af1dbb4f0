/**
 * `[cluster]` → how members are asked: the PEM files and the password, read once. A password that others on this machine may
 * read is refused, and so is a key that everybody may. Throws CONFIG_INVALID with the file and what to do.
 */
import { X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { WasiError } from '../errors';
import type { HostConfig } from '../host-config/host-config';
import type { TlsMaterial } from './etcd/json-exchange';
import type { Credentials, MemberOptions } from './etcd/member';

export interface Access {
  readonly options: MemberOptions;
  /** What is odd but works. */
  readonly warnings: readonly string[];
}

const MAX_FILE_BYTES = 64 * 2 ** 10;
const OTHERS = 0o077;
const EVERYBODY = 0o007;
const HERE = /^http:\/\/(127\.|localhost[:/]|localhost$|\[::1\])/;

/** `password`: of Node-RED's credentials, where there is one. A file that host.toml names comes first. */
export async function memberAccess(config: HostConfig['cluster'], password: string | undefined): Promise<Access> {
  const credentials = config.login && (await credentialsOf(config.login, password));
  const tls = config.tls && (await tlsOf(config.tls));
  const warnings = credentials === undefined ? [] : warningsOf(config.endpoints, tls?.cert);
  return { options: { credentials, tls }, warnings };
}

async function tlsOf({ ca, cert, key }: NonNullable<HostConfig['cluster']['tls']>): Promise<TlsMaterial> {
  return {
    ...(ca === undefined ? {} : { ca: await read('tls.ca', ca, 0) }),
    ...(cert === undefined ? {} : { cert: await read('tls.cert', cert, 0) }),
    ...(key === undefined ? {} : { key: await read('tls.key', key, EVERYBODY) }),
  };
}

/** Of an access with a user. */
function warningsOf(endpoints: readonly string[], cert: string | undefined): readonly string[] {
  const far = endpoints.find((endpoint) => endpoint.startsWith('http:') && !HERE.test(endpoint));
  return [
    ...(far === undefined
      ? []
      : [`the cluster's password goes to ${far} for anybody on the network to read: use https:// and [cluster] tls`]),
    ...(cert !== undefined && hasCommonName(cert)
      ? [
          "[cluster] tls.cert has a common name, with which etcd's JSON gateway refuses every user: sign one without /CN=",
        ]
      : []),
  ];
}

/** What cannot be read as a certificate is told by TLS itself. */
function hasCommonName(cert: string): boolean {
  try {
    return /^CN=/m.test(new X509Certificate(cert).subject);
  } catch {
    return false;
  }
}

async function credentialsOf(
  { user, passwordFile }: NonNullable<HostConfig['cluster']['login']>,
  password: string | undefined,
): Promise<Credentials> {
  if (passwordFile !== undefined) {
    return { user, password: (await read('password_file', passwordFile, OTHERS)).replace(/\r?\n$/, '') };
  }
  if (password !== undefined && password !== '') return { user, password };
  throw new WasiError(
    'CONFIG_INVALID',
    `[cluster] user = "${user}" has no password: enter it in the wasi-runtime node, or name a file of mode 0600 with ` +
      '[cluster] password_file',
  );
}

/** `refused`: permissions that the file may not have. */
async function read(key: string, path: string, refused: number): Promise<string> {
  const named = `[cluster] ${key}: ${path}`;
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const { mode, size } = await file.stat();
      if (process.platform !== 'win32' && (mode & refused) !== 0) throw tooOpen(named, path, mode);
      if (size > MAX_FILE_BYTES)
        throw new WasiError('CONFIG_INVALID', `${named} is larger than ${MAX_FILE_BYTES} bytes`);
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof WasiError) throw cause;
    throw new WasiError('CONFIG_INVALID', `${named} cannot be read: ${String(cause)}`, { cause });
  }
  if (text.trim() === '') throw new WasiError('CONFIG_INVALID', `${named} is empty`);
  return text;
}

function tooOpen(named: string, path: string, mode: number): WasiError {
  const found = (mode & 0o777).toString(8).padStart(4, '0');
  return new WasiError('CONFIG_INVALID', `${named} may be read by others (mode ${found}): chmod 600 ${path}`);
}
