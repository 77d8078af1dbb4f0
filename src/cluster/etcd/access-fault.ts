/** What to do where etcd refuses who asks: users, passwords, roles, and names in certificates. */
import type { EtcdFault } from './etcd-error';

const MAKE_A_USER = 'Set [cluster] user and password_file to a user of etcd (docs/cluster.md, Users and passwords)';

/** `text`: etcd's. `user`: of [cluster], where there is one. undefined: the kind says it all. */
export function accessAdvice(kind: EtcdFault, text: string, user: string | undefined): string | undefined {
  if (kind !== 'denied' && kind !== 'unauthenticated') return undefined;
  if (user === undefined) return `etcd wants a user here. ${MAKE_A_USER}`;
  if (text.includes('authentication failed')) {
    return (
      `There is no user "${user}" in etcd, or the password is another one, which etcd does not tell apart: look at [cluster] ` +
      'user and password_file, or at the password in the wasi-runtime node'
    );
  }
  if (text.includes('permission denied')) {
    return (
      `User "${user}" has no role that may do this: grant it one with read and write on /edge-wasi/v1/ ` +
      '(docs/cluster.md, Users and passwords)'
    );
  }
  return (
    `etcd does not take the token that it gave to user "${user}": where it uses auth-token "jwt", all members need the same ` +
    'keys and right clocks'
  );
}

/** etcd's words as plain text, before its gateway reads the request (embed/serve.go, wrapMux of 3.4 to 3.7). */
export function isCommonNameRefusal(answer: string): boolean {
  return answer.startsWith('CommonName of client sending a request against gateway');
}

export const COMMON_NAME_WHY = "it refuses this node's certificate, which has a common name, together with users";
export const COMMON_NAME_ADVICE = 'Sign the certificate of [cluster] tls.cert without /CN= (docs/cluster.md, TLS)';

/** Said by servers that speak TLS to who does not (Go's net/http, nginx). */
export function isPlainOnTls(answer: string): boolean {
  return /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port/.test(answer);
}

export const PLAIN_ON_TLS_ADVICE =
  'Write https:// instead of http:// in [cluster] endpoints, and name the authority in [cluster] tls.ca';
