/**
 * What the cluster keeps of a node that is no member any more goes, too: its newest readings, those of the last half hour, and
 * how far they got, in one transaction. Its presence ends with its lease; where its Node-RED runs on, as a node without an
 * etcd, it goes on, and so do its readings.
 */

import { transact, under } from '../cluster/etcd/key-values';
import type { EtcdMember } from '../cluster/etcd/member';
import { batchesOf, cursorKey, latestKey } from '../cluster/keys';

export async function forgetNode(client: EtcdMember, node: string): Promise<void> {
  await transact(client, {
    compare: [],
    success: [
      { kind: 'delete', ...under(batchesOf(node)) },
      { kind: 'delete', key: latestKey(node) },
      { kind: 'delete', key: cursorKey(node) },
    ],
  });
}
