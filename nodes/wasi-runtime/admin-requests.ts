/** The parts of an editor's request, held against what they must be. Throws BadRequest, naming the part. */
import type { Request } from 'express';
import type { NodeAPI } from 'node-red';
import { WasiError } from '../../src/errors/wasi-error';
import type { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { RuntimeApi } from '../../src/runtime-api/runtime-api';
import { runtimeOf, type SharedRuntime } from '../shared-runtime';
import { BadRequest } from './admin-answer';

/** Longer than any id of Node-RED's and any name of a plugin's. */
const MAX_PARAMETER_LENGTH = 256;

export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value === 'string' && value !== '' && value.length <= MAX_PARAMETER_LENGTH && !value.includes('\0'))
    return value;
  throw new BadRequest(
    400,
    'CONFIG_INVALID',
    `expected ${name} in the address, of at most ${MAX_PARAMETER_LENGTH} letters`,
  );
}

/** Of the deployed wasi-runtime node that the address names; 404 for any other node and for none. */
export function sharedRuntime(RED: NodeAPI, request: Request): SharedRuntime {
  const runtime = runtimeOf(RED.nodes.getNode(parameter(request, 'id')));
  if (runtime) return runtime;
  throw new BadRequest(404, 'RUNTIME_CLOSED', 'there is no such wasi-runtime: deploy the flow first');
}

export function openApi({ phase }: SharedRuntime): RuntimeApi {
  switch (phase.kind) {
    case 'open':
      return phase.api;
    case 'failed':
      throw new WasiError('RUNTIME_CLOSED', `the runtime is not open, ${phase.error.code}: ${phase.error.message}`);
    case 'idle':
      throw new WasiError(
        'RUNTIME_CLOSED',
        'no node uses this runtime, so that it is not running: use it in a plugin-poll node, say, and deploy',
      );
    case 'opening':
    case 'closed':
      throw new WasiError('RUNTIME_CLOSED', `the runtime is ${phase.kind}: try again in a moment`);
  }
}

export function hostTomlOf({ hostToml }: SharedRuntime): HostTomlFile {
  if (hostToml) return hostToml;
  throw new WasiError('CONFIG_INVALID', 'the properties of the wasi-runtime node are wrong: correct them and deploy');
}

/** Of a JSON object. */
export class Body {
  readonly #fields: object;

  constructor({ body }: Request) {
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new BadRequest(400, 'CONFIG_INVALID', 'expected a JSON object');
    this.#fields = body;
  }

  text(name: string): string {
    const value = this.#field(name);
    if (typeof value === 'string') return value;
    throw this.#wrong(name, 'a text');
  }

  yesOrNo(name: string): boolean {
    const value = this.#field(name);
    if (typeof value === 'boolean') return value;
    throw this.#wrong(name, 'true or false');
  }

  has(name: string): boolean {
    return this.#field(name) !== undefined;
  }

  #field(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? Reflect.get(this.#fields, name) : undefined;
  }

  #wrong(name: string, expected: string): BadRequest {
    return new BadRequest(
      400,
      'CONFIG_INVALID',
      `expected ${name} to be ${expected}, found ${typeof this.#field(name)}`,
    );
  }
}
