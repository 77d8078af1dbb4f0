/**
 * `[cluster]` → how members are asked: the PEM files and the password, read once. A password that others on this machine may
 * read is refused, and so is a key that everybody may, and PEM that TLS could not use. Throws CONFIG_INVALID with the file and
 * what to do.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { WasiError } from '../errors/wasi-error';
import type { HostConfig } from '../host-config/host-config';
import type { Credentials, MemberOptions } from './etcd/member';
import type { TlsMaterial } from './etcd/tls-material';

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
  const warnings = [
    ...datesOf('tls.ca', tls?.ca),
    ...datesOf('tls.cert', tls?.cert),
    ...(credentials === undefined ? [] : warningsOf(config.endpoints, tls?.cert)),
  ];
  return { options: { credentials, tls }, warnings };
}

async function tlsOf(files: NonNullable<HostConfig['cluster']['tls']>): Promise<TlsMaterial> {
  const { ca, cert, key } = files;
  const material: TlsMaterial = {
    ...(ca === undefined ? {} : { ca: await read('tls.ca', ca, 0) }),
    ...(cert === undefined ? {} : { cert: await read('tls.cert', cert, 0) }),
    ...(key === undefined ? {} : { key: await read('tls.key', key, EVERYBODY) }),
  };
  if (material.ca !== undefined) certificateIn('tls.ca', ca, material.ca);
  const own = material.cert === undefined ? undefined : certificateIn('tls.cert', cert, material.cert);
  const ownKey = material.key === undefined ? undefined : keyIn(key, material.key);
  if (own !== undefined && ownKey !== undefined && !own.checkPrivateKey(ownKey)) {
    const why = `[cluster] tls.key: ${key} is not the key of the certificate in tls.cert (${cert})`;
    throw new WasiError('CONFIG_INVALID', `${why}: copy both of them again, from where they were made`);
  }
  return material;
}

function certificateIn(name: string, path: string | undefined, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    const why = `[cluster] ${name}: ${path} holds no certificate in PEM (${codeOf(cause)})`;
    const how = 'it begins with -----BEGIN CERTIFICATE-----';
    throw new WasiError('CONFIG_INVALID', `${why}: ${how}`, { cause });
  }
}

function keyIn(path: string | undefined, pem: string) {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const named = `[cluster] tls.key: ${path}`;
    const why = pem.includes('ENCRYPTED')
      ? `${named} needs a passphrase (${codeOf(cause)}): take it away with openssl pkey -in ${path} -out NEW`
      : `${named} holds no private key in PEM (${codeOf(cause)}): it begins with -----BEGIN PRIVATE KEY-----`;
    throw new WasiError('CONFIG_INVALID', why, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** It is tried nevertheless: this machine's clock may be what is wrong. */
function datesOf(name: string, pem: string | undefined): readonly string[] {
  if (pem === undefined) return [];
  const { validFrom, validTo } = new X509Certificate(pem);
  const now = new Date();
  if (now > new Date(validTo)) {
    return [
      `[cluster] ${name}: its certificate was valid until ${validTo}, and it is ${now.toISOString()}: make a new one`,
    ];
  }
  if (now < new Date(validFrom)) {
    return [
      `[cluster] ${name}: its certificate is valid from ${validFrom}, and it is ${now.toISOString()}: see timedatectl`,
    ];
  }
  return [];
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

function hasCommonName(cert: string): boolean {
  return /^CN=/m.test(new X509Certificate(cert).subject);
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
