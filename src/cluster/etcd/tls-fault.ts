/**
 * What a failed connection means, in plain words with its code, and what to do where that is known better than "look whether
 * etcd runs there": each error of TLS has its own cause and its own key of host.toml. OpenSSL's and Node.js's codes are those of
 * Node.js 18 to 26; a member that refuses a certificate says so with an alert of TLS (RFC 8446, 6.2), in whose choice the
 * versions of Go differ.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TlsMaterial } from './tls-material';

export interface ConnectionFault {
  readonly why: string;
  readonly advice: string | undefined;
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const PROBE_LIMIT_MS = 1_000;
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);
/** Of a member that asks for a certificate and was given none: Go 1.19's, TLS 1.3's, TLS 1.2's. */
const NO_CERTIFICATE_ALERTS = /^(bad certificate|certificate required|handshake failure)$/;
const REFUSED_CERTIFICATE_ALERTS =
  /^(bad certificate|certificate unknown|unknown ca|unsupported certificate|access denied|certificate expired|certificate revoked)$/;

/** `isTlsThere`: a port asked without TLS turned out to speak it. */
export function connectionFault(
  error: Error & { readonly code?: unknown },
  endpoint: string,
  tls: TlsMaterial | undefined,
  isTlsThere: boolean,
): ConnectionFault {
  const code = typeof error.code === 'string' ? error.code : '';
  const alert = alertOf(error.message, code);
  const fault =
    alert === undefined ? ofServer(error, code, endpoint, tls) : ofClient(alert, tls === undefined ? {} : tls);
  if (fault !== undefined)
    return { why: `${fault.why} (${alert === undefined ? code : `TLS alert: ${alert}`})`, advice: fault.advice };
  if (isTlsThere) {
    return {
      why: `the port speaks TLS, and was asked without (${code})`,
      advice: 'Write https:// instead of http:// in [cluster] endpoints, and name the authority in [cluster] tls.ca',
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      why: `the name "${new URL(endpoint).hostname}" is not known here (${code})`,
      advice: 'Look at the name in [cluster] endpoints, and whether this machine resolves it (getent hosts NAME)',
    };
  }
  return { why: error.message || 'the connection was lost', advice: undefined };
}

/** Whether the port of an http:// endpoint wants TLS. `isThere` always comes back. */
export function speaksTls(endpoint: string): { readonly isThere: Promise<boolean>; stop(): void } {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, '');
  // Nothing is sent over it but the greeting: whom it belongs to does not matter.
  const socket = connect({
    host,
    port: Number(port || 80),
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  const timer = setTimeout(() => socket.destroy(), PROBE_LIMIT_MS);
  const isThere = new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => {
      resolve(true);
      socket.destroy();
    });
    // A port that wants a certificate of the client's has spoken TLS, too.
    socket.once('error', (error: Error & { code?: string }) =>
      resolve(alertOf(error.message, error.code ?? '') !== undefined),
    );
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  return { isThere, stop: () => socket.destroy() };
}

/** What it was shown, or what it has heard instead of TLS. */
function ofServer(
  error: Error,
  code: string,
  endpoint: string,
  tls: TlsMaterial | undefined,
): ConnectionFault | undefined {
  const { hostname } = new URL(endpoint);
  const now = new Date().toISOString();
  if (code === 'CERT_HAS_EXPIRED') {
    const authority = ownCertificate(tls?.ca);
    if (authority !== undefined && Date.parse(authority.validTo) < Date.now()) {
      return {
        why: `the authority of [cluster] tls.ca was valid until ${authority.validTo}`,
        advice: 'Make a new authority and sign the certificates of all members and nodes with it',
      };
    }
    return {
      why: 'its certificate has expired',
      advice: `Sign a new one for that member (docs/cluster.md, TLS) and restart its etcd, if this machine's clock is right: it says ${now}`,
    };
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return {
      why: 'its certificate is not valid yet',
      advice: `Look at the clocks of this machine, which says ${now}, and of the one that signed it (timedatectl)`,
    };
  }
  if (UNKNOWN_AUTHORITY.has(code)) {
    return {
      why: 'its certificate is of an authority that is not known here',
      advice:
        tls?.ca === undefined
          ? 'Name the file of the authority that signed it with [cluster] tls.ca'
          : '[cluster] tls.ca is not the authority that signed it: copy the ca.pem of the cluster there',
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      why: `its certificate is not for ${hostname}`,
      advice: `Name the member in [cluster] endpoints as its certificate does, or sign one with subjectAltName=${
        isIP(hostname) === 0 ? 'DNS' : 'IP'
      }:${hostname}`,
    };
  }
  if (
    /wrong version number|packet length too long|http request|WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(
      `${error.message} ${code}`,
    )
  ) {
    return {
      why: 'what responds there does not speak TLS',
      advice:
        'Write http:// instead of https:// in [cluster] endpoints, or set etcd up with TLS (docs/cluster.md, TLS)',
    };
  }
  if (/unsupported protocol|UNSUPPORTED_PROTOCOL|no protocols available/i.test(`${error.message} ${code}`)) {
    return { why: 'it has no version of TLS that this machine has as well', advice: 'Update etcd: TLS 1.2 is needed' };
  }
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') {
    return {
      why: 'the key of this node is not the one of its certificate',
      advice: 'Look at [cluster] tls.key and tls.cert: they belong together',
    };
  }
  if (/^ERR_OSSL_|^ERR_CRYPTO_/.test(code)) {
    return {
      why: 'a PEM file of [cluster] tls cannot be used',
      advice: 'Look at [cluster] tls.ca, tls.cert and tls.key: PEM, the key without a passphrase',
    };
  }
  return undefined;
}

/** What the member says of this node's certificate. */
function ofClient(alert: string, { ca, cert }: TlsMaterial): ConnectionFault {
  if (cert === undefined && NO_CERTIFICATE_ALERTS.test(alert)) {
    return {
      why: 'it asks for a certificate of this node, and none is configured',
      advice:
        'Name a certificate and its key with [cluster] tls.cert and tls.key, signed by the authority of the cluster',
    };
  }
  if (alert === 'protocol version') {
    return { why: 'it has no version of TLS that this machine has as well', advice: 'Update etcd: TLS 1.2 is needed' };
  }
  if (!REFUSED_CERTIFICATE_ALERTS.test(alert)) return { why: 'it ended TLS', advice: undefined };
  const own = ownCertificate(cert);
  // Go says "expired" of both.
  if (own !== undefined && Date.parse(own.validFrom) > Date.now()) {
    return {
      why: `this node's certificate is not valid before ${own.validFrom}`,
      advice: `Look at this machine's clock (timedatectl): it says ${new Date().toISOString()}`,
    };
  }
  if (alert === 'certificate expired' || (own !== undefined && Date.parse(own.validTo) < Date.now())) {
    return {
      why: `this node's certificate has expired${own === undefined ? '' : ` (valid until ${own.validTo})`}`,
      advice: 'Sign a new one for [cluster] tls.cert (docs/cluster.md, TLS)',
    };
  }
  if (own !== undefined && own.keyUsage !== undefined && !own.keyUsage.includes(CLIENT_AUTH)) {
    return {
      why: "this node's certificate may not be used by a client",
      advice: 'Sign the one of [cluster] tls.cert with extendedKeyUsage=serverAuth,clientAuth (docs/cluster.md, TLS)',
    };
  }
  const authority = ownCertificate(ca);
  const isOfCa = own !== undefined && authority !== undefined && own.verify(authority.publicKey);
  return {
    why: "it does not take this node's certificate: another authority signed it than the one that etcd trusts",
    advice: isOfCa
      ? '[cluster] tls.cert is of the authority in tls.ca; look at the trusted-ca-file of that etcd'
      : 'Sign the certificate of [cluster] tls.cert with the authority of the cluster (docs/cluster.md, TLS)',
  };
}

/** Such as "unknown ca"; undefined for what is no alert. TLS 1.2 has it in the text alone. */
function alertOf(message: string, code: string): string | undefined {
  const said = /:(?:sslv3|tlsv1|tlsv13|ssl\/tls) alert ([a-z ]+):/.exec(message)?.[1];
  return (
    said ??
    /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_ALERT_([A-Z_]+)$/.exec(code)?.[1]?.toLowerCase().replaceAll('_', ' ')
  );
}

function ownCertificate(pem: string | undefined): X509Certificate | undefined {
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    // Told where the file is read (member-access.ts).
    return undefined;
  }
}
