/**
 * New components from the editor: sent as they are, looked at, and made plugins when somebody who saw what they ask for
 * says so. A body goes to its file piece by piece; the answer comes as soon as it is there.
 */
import type { Request } from 'express';
import type { NodeAPI } from 'node-red';
import type { UploadBody, UploadDesk } from '../../src/runtime-api/admin-api';
import { BadRequest } from './admin-answer';
import { Body, hostTomlOf, openApi, parameter, sharedRuntime } from './admin-requests';
import type { AdminRoute } from './admin-route';

const UPLOADS = 'runtimes/:id/uploads';
/** What the runtime takes in; a body that says it is larger is not even read. */
const MAX_BYTES = 64 * 2 ** 20;

export function uploadRoutes(RED: NodeAPI): readonly AdminRoute[] {
  const deskOf = (request: Request): UploadDesk => openApi(sharedRuntime(RED, request)).admin.uploads;
  return [
    {
      method: 'post',
      path: UPLOADS,
      permission: 'wasi-runtime.write',
      accepts: 'wasm',
      answer: async (request) => {
        const desk = deskOf(request);
        const bytes = Number(request.headers['content-length'] ?? 0);
        if (!(bytes <= MAX_BYTES))
          throw new BadRequest(
            413,
            'PLUGIN_INVALID',
            `it has ${bytes} bytes, more than the ${MAX_BYTES} an upload may have`,
          );
        const { name } = request.query;
        if (typeof name !== 'string')
          throw new BadRequest(
            400,
            'PLUGIN_INVALID',
            'expected ?name= with the name of the file, such as my_sensor.wasm',
          );
        return { status: 202, body: { upload: await desk.receive(name, bodyOf(request)) } };
      },
    },
    {
      method: 'get',
      path: `${UPLOADS}/:upload`,
      permission: 'wasi-runtime.write',
      accepts: 'anything',
      answer: async (request) => {
        const view = await deskOf(request).view(parameter(request, 'upload'));
        if (!view) throw gone();
        return { status: 200, body: view };
      },
    },
    {
      method: 'post',
      path: `${UPLOADS}/:upload/install`,
      permission: 'wasi-runtime.write',
      accepts: 'json',
      answer: async (request) => {
        const body = new Body(request);
        const wish = { enabled: body.yesOrNo('enabled'), ...(body.has('lines') ? { lines: body.text('lines') } : {}) };
        const runtime = sharedRuntime(RED, request);
        const { uploads } = openApi(runtime).admin;
        return { status: 200, body: await uploads.install(parameter(request, 'upload'), wish, hostTomlOf(runtime)) };
      },
    },
    {
      method: 'delete',
      path: `${UPLOADS}/:upload`,
      permission: 'wasi-runtime.write',
      accepts: 'anything',
      answer: async (request) => {
        if (!(await deskOf(request).remove(parameter(request, 'upload')))) throw gone();
        return { status: 204 };
      },
    },
  ];
}

/** A body that turns out too large is left where it is: who sends it is to read why. */
function bodyOf(request: Request): UploadBody {
  return {
    [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }),
    destroy: () => {
      request.destroy();
    },
  };
}

function gone(): BadRequest {
  return new BadRequest(404, 'PLUGIN_NOT_FOUND', 'there is no such upload, or no longer: send the component again');
}
