/**
 * Whether a response is one of etcd's, by what etcd 3.4 to 3.7 were seen to send: what every response says of its member, and
 * the forms that an error has. Everything else is of another service, or of a proxy before etcd. Throws WrongField.
 *
 * Each response has a header with the ids of cluster and member, and the revision of the store, but for those of
 * defragmenting, of moving the leadership, and of alarms in etcd 3.4. Those about members and the last result of a watch
 * have no revision.
 */
import { isJson, type Json, object, positive, WrongField } from './json-fields';

export interface Header {
  /** In decimal. */
  readonly clusterId: string;
  readonly memberId: string;
}

/** As etcd's gateway says it: a code of gRPC and a text. */
export interface GatewayFault {
  readonly code: number;
  readonly message: string;
}

const WITHOUT_HEADER: ReadonlySet<string> = new Set([
  '/v3/maintenance/defragment',
  '/v3/maintenance/transfer-leadership',
  '/v3/maintenance/alarm',
]);
const ABOUT_MEMBERS = '/v3/cluster/';
/** google.golang.org/grpc/codes: CANCELLED to UNAUTHENTICATED. */
const MAX_CODE = 16;
/**
 * NOT_FOUND, PERMISSION_DENIED and others that callers act on, and that another service has as well: etcd says them in words
 * of its own alone (api/v3rpc/rpctypes/error.go). The remaining codes may come from gRPC itself.
 */
const CODES_OF_ETCD_ALONE: ReadonlySet<number> = new Set([3, 5, 6, 7, 9, 10, 11, 15, 16]);
const FROM_ETCD = /^(etcdserver|auth|mvcc|lease): /;
const ERROR_FIELDS: ReadonlySet<string> = new Set([
  'error',
  'message',
  'code',
  'details',
  'grpc_code',
  'http_code',
  'http_status',
]);

/** undefined where this call's responses have none. */
export function headerOf(path: string, response: Json): Header | undefined {
  if (WITHOUT_HEADER.has(path) && response['header'] === undefined) return undefined;
  const header = object(response, 'header');
  if (!path.startsWith(ABOUT_MEMBERS) && response['canceled'] !== true && !WITHOUT_HEADER.has(path)) {
    positive(header, 'revision');
  }
  return { clusterId: positive(header, 'cluster_id').toString(), memberId: positive(header, 'member_id').toString() };
}

/**
 * undefined for what is no error of etcd. `{"error", "message", "code"}` until 3.5, `{"code", "message"}` from 3.6 on, and in
 * streams as the object `error`, until 3.5 with `grpc_code` and `http_code`.
 */
export function gatewayFault(response: Json): GatewayFault | undefined {
  const { error } = response;
  if (isJson(error)) return Object.keys(response).length === 1 ? plainFault(error) : undefined;
  return plainFault(response);
}

function plainFault(fault: Json): GatewayFault | undefined {
  const { message, error = message } = fault;
  const code = fault['code'] ?? fault['grpc_code'];
  if (typeof message !== 'string' || message === '' || error !== message) return undefined;
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 1 || code > MAX_CODE) return undefined;
  if (!Object.keys(fault).every((name) => ERROR_FIELDS.has(name))) return undefined;
  if (CODES_OF_ETCD_ALONE.has(code) && !FROM_ETCD.test(message)) return undefined;
  return { code, message };
}

/** etcd responds to each operation of a transaction, in their order. */
export function responsesTo(kinds: readonly string[], responses: readonly Json[]): readonly Json[] {
  if (responses.length !== kinds.length) {
    throw new WrongField(`is about ${responses.length} operations of ${kinds.length}`);
  }
  return kinds.map((kind, i) => {
    const response = responses[i]?.[`response_${kind}`];
    if (isJson(response)) return response;
    throw new WrongField(`has no "response_${kind}" where one is due`);
  });
}
