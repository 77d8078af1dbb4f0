/** Authorities and certificates of every wrong kind, made by openssl for one test. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const noOpenssl =
  spawnSync('openssl', ['version']).status === 0
    ? false
    : 'there is no openssl on this machine to make certificates with';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** Such as IP:127.0.0.1. */
  readonly names?: string;
  readonly subject?: string;
  readonly uses?: string;
  /** openssl's form, such as 20200101000000Z. */
  readonly from?: string;
  readonly to?: string;
}

export class TestAuthority {
  readonly ca: string;
  readonly #folder: string;

  constructor(folder: string, name: string, { from = '20200101000000Z', to = '20990101000000Z' } = {}) {
    this.#folder = join(folder, name);
    mkdirSync(join(this.#folder, 'signed'), { recursive: true });
    writeFileSync(join(this.#folder, 'index'), '');
    writeFileSync(join(this.#folder, 'serial'), '01\n');
    this.ca = join(this.#folder, 'ca.pem');
    this.#config('authority', 'basicConstraints=critical,CA:TRUE');
    this.#openssl('req', '-new', ...KEY, '-keyout', 'ca.key', '-out', 'ca.csr', '-subj', `/CN=${name}`);
    const dates = ['-startdate', from, '-enddate', to];
    this.#openssl('ca', '-batch', '-config', 'authority.cnf', '-selfsign', '-in', 'ca.csr', '-out', 'ca.pem', ...dates);
  }

  sign(name: string, wanted: Wanted = {}): CertificateFiles {
    const { names = 'IP:127.0.0.1', subject = `/O=${name}`, uses = 'serverAuth,clientAuth' } = wanted;
    const { from = '20200101000000Z', to = '20990101000000Z' } = wanted;
    this.#config(name, `subjectAltName=${names}\nextendedKeyUsage=${uses}`);
    this.#openssl('req', '-new', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`];
    this.#openssl('ca', '-batch', '-config', `${name}.cnf`, ...files, '-startdate', from, '-enddate', to);
    const file = (end: string) => join(this.#folder, `${name}.${end}`);
    chmodSync(file('key'), 0o600);
    return { ca: this.ca, cert: file('pem'), key: file('key') };
  }

  #config(name: string, extensions: string): void {
    const lines = [
      '[ca]\ndefault_ca=d',
      '[d]\ndatabase=index\nserial=serial\nnew_certs_dir=signed\ncertificate=ca.pem\nprivate_key=ca.key',
      'default_md=sha256\npolicy=p\nx509_extensions=e\nunique_subject=no',
      `[p]\norganizationName=optional\ncommonName=optional\n[e]\n${extensions}\n`,
    ];
    writeFileSync(join(this.#folder, `${name}.cnf`), lines.join('\n'));
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

export function material({ ca, cert, key }: Partial<CertificateFiles>) {
  const text = (path: string) => readFileSync(path, 'utf8');
  return {
    ...(ca === undefined ? {} : { ca: text(ca) }),
    ...(cert === undefined ? {} : { cert: text(cert) }),
    ...(key === undefined ? {} : { key: text(key) }),
  };
}
