/** What the editor shows and offers for download: the register map of a deployed modbus-gateway node. */
import type { Node, NodeAPI } from 'node-red';
import { type MapEntry, mapCsv } from '../../src/modbus/register-map';
import { GatewayLife } from './gateway-life';

const CSV_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': 'attachment; filename="modbus-registers.csv"',
  'X-Content-Type-Options': 'nosniff',
};

export function serveAdmin(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission('modbus-gateway.read');
  const mapOf = (id: unknown): readonly MapEntry[] | undefined => {
    return typeof id === 'string' ? lifeOf(RED.nodes.getNode(id))?.knownMap() : undefined;
  };
  RED.httpAdmin.get('/edge-wasi/modbus/:id/registers', mayRead, (request, response) => {
    const map = mapOf(request.params['id']);
    if (map === undefined) response.status(404).json([]);
    else response.json(map);
  });
  RED.httpAdmin.get('/edge-wasi/modbus/:id/registers.csv', mayRead, (request, response) => {
    const map = mapOf(request.params['id']);
    if (map === undefined) response.status(404).end();
    else response.writeHead(200, CSV_HEADERS).end(mapCsv(map));
  });
}

function lifeOf(node: Node | null | undefined): GatewayLife | undefined {
  return node && 'gateway' in node && node.gateway instanceof GatewayLife ? node.gateway : undefined;
}
