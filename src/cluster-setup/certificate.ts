/** Whether a member's certificate will do, before etcd says so in its own words: to each other members are clients too. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsMaterial } from '../cluster/etcd/tls-material';

/** RFC 5280, 4.2.1.12. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** What is wrong with it for a member at `address`; empty where nothing is. */
export function certificateFaults({ ca, cert, key }: Required<TlsMaterial>, address: string, now: number): string[] {
  let own: X509Certificate;
  let authority: X509Certificate;
  try {
    own = new X509Certificate(cert);
    authority = new X509Certificate(ca);
  } catch (error) {
    return [`a certificate is none in PEM: ${error instanceof Error ? error.message : String(error)}`];
  }
  const uses = own.keyUsage ?? [SERVER_AUTH, CLIENT_AUTH];
  const faults = [
    [now < Date.parse(own.validFrom), `the certificate is valid from ${own.validFrom}: is this machine's clock right?`],
    [now > Date.parse(own.validTo), `the certificate was valid until ${own.validTo}`],
    [own.checkIP(address) === undefined, `the certificate is not for ${address} (subjectAltName IP)`],
    [!uses.includes(SERVER_AUTH), 'the certificate may not be a server (extendedKeyUsage serverAuth)'],
    [!uses.includes(CLIENT_AUTH), 'the certificate may not be a client (extendedKeyUsage clientAuth)'],
    [!own.verify(authority.publicKey), 'the certificate is not signed by this authority'],
    [!belongs(own, key), 'the key is not the one of this certificate'],
  ] as const;
  return faults.filter(([isSo]) => isSo).map(([, says]) => says);
}

function belongs(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    // What cannot be read as a key is not the key.
    return false;
  }
}
