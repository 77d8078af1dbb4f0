/** A TCP client that sends what it is told, byte by byte if need be, and remembers what it was sent. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '../support/until';

export class RawClient {
  received = Buffer.alloc(0);
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  async untilReceived(length: number): Promise<Buffer> {
    await until(() => this.received.length >= length);
    const answer = this.received.subarray(0, length);
    this.received = this.received.subarray(length);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Transaction, protocol, length, unit and PDU. */
export function adu(transaction: number, unitId: number, pdu: string, protocol = 0): Buffer {
  const body = Buffer.from(pdu.replaceAll(' ', ''), 'hex');
  const frame = Buffer.alloc(7 + body.length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(protocol, 2);
  frame.writeUInt16BE(1 + body.length, 4);
  frame.writeUInt8(unitId, 6);
  body.copy(frame, 7);
  return frame;
}
