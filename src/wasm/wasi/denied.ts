/**
 * wasi:filesystem and wasi:sockets as a guest sees them: present, since Python's runtime imports them whole, and empty.
 * No directory is opened beforehand and no network can be had, so that no descriptor or socket ever exists and none of
 * their methods can be reached; what could make one answers `access-denied`.
 */
import { ResultError } from './wasi-error';

class Descriptor {}
class DirectoryEntryStream {}
class Network {}
class TcpSocket {}
class UdpSocket {}
class IncomingDatagramStream {}
class OutgoingDatagramStream {}
class ResolveAddressStream {}

function denied(): never {
  throw new ResultError('access-denied');
}

export const deniedInterfaces = {
  'wasi:filesystem/preopens': { getDirectories: () => [] },
  'wasi:filesystem/types': { Descriptor, DirectoryEntryStream, filesystemErrorCode: () => undefined },
  'wasi:sockets/instance-network': { instanceNetwork: () => new Network() },
  'wasi:sockets/ip-name-lookup': { ResolveAddressStream, resolveAddresses: denied },
  'wasi:sockets/network': { Network, networkErrorCode: () => undefined },
  'wasi:sockets/tcp': { TcpSocket },
  'wasi:sockets/tcp-create-socket': { createTcpSocket: denied },
  'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
  'wasi:sockets/udp-create-socket': { createUdpSocket: denied },
} as const;
