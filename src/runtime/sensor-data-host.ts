/** The machine that a page is rendered on, and its cluster, as its dashboard plugin is told. */
import type { SensorDataHost, SensorDataParts } from '../dashboard/sensor-data';
import type { HardwareChoice } from '../hardware/hardware';
import type { ClusterState } from '../runtime-api/cluster-api';

/** `node`: `[cluster] node_id`, else the host name. */
export function sensorDataHost(hardware: HardwareChoice, node: string): SensorDataHost {
  if (hardware.kind === 'simulated') return { node, simulated: true };
  return { node, simulated: false, model: hardware.model };
}

export function sensorDataCluster(state: ClusterState | undefined): Pick<SensorDataParts, 'cluster'> {
  if (state === undefined) return {};
  const { connected, isLeader, leader } = state;
  const members = state.members.map(({ node, role, healthy, lastSeen, skewMs }) => {
    const skew = skewMs === undefined ? {} : { skewMs };
    return { node, role: role ?? '', healthy, lastSeen: lastSeen === 0 ? null : lastSeen, ...skew };
  });
  return { cluster: { connected, isLeader, leader: leader === '' ? null : leader, members } };
}
