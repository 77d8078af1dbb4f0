/**
 * Which Node-RED the tests start: this checkout's, on the Node.js that runs them; or what the file that EDGE_WASI_NODE_RED
 * names says (scripts/node-red-5.mjs), so that the same tests are run with both.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

export interface NodeRedUnderTest {
  /** Node-RED's command. */
  readonly redJs: string;
  /** Node.js to run it with. */
  readonly program: string;
}

export function nodeRedUnderTest(): NodeRedUnderTest {
  const file = process.env['EDGE_WASI_NODE_RED'];
  if (file === undefined)
    return { redJs: join(REPOSITORY, 'node_modules', 'node-red', 'red.js'), program: process.execPath };
  const named: NodeRedUnderTest | { readonly reason: string } = JSON.parse(readFileSync(file, 'utf8'));
  if ('reason' in named) throw new Error(named.reason);
  return named;
}
