/**
 * Components that somebody uploads: taken in as files, inspected in a process of their own, kept for a while, and installed.
 * Nothing of one is prepared, loaded or run before it is a file of the plugin folder. Closing ends those under way.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ComponentLoader } from '../component-store/component-loader';
import { WasiError } from '../errors/wasi-error';
import { pluginOfFile } from '../host-config/plugin-tables';
import { removeLeftovers } from '../platform/durable-file';
import { namedError } from '../plugin-host/plugin-error';
import { type PluginRole, roleOf } from '../plugin-host/plugin-role';
import { clearReceived, ReceivedFile } from '../plugin-host/received-file';
import type {
  EditedHostToml,
  Installed,
  InstallWish,
  UploadBody,
  UploadDesk,
  UploadView,
} from '../runtime-api/admin-api';
import type { ComponentShape } from '../wasm/inspect';

/** A Python plugin with numpy has 40 MB. */
export const MAX_UPLOAD_BYTES = 64 * 2 ** 20;
const MAX_UPLOADS = 4;
const KEPT_MS = 15 * 60_000;

/** A component that was looked at, and is one of a plugin's. */
export interface Inspected {
  readonly plugin: string;
  readonly file: ReceivedFile;
  readonly sha256: string;
  readonly shape: ComponentShape;
  readonly role: PluginRole['kind'];
}

type UploadState =
  | { readonly kind: 'receiving'; readonly body: UploadBody }
  | { readonly kind: 'inspecting'; readonly file: ReceivedFile }
  | { readonly kind: 'refused'; readonly error: WasiError }
  | { readonly kind: 'inspected'; readonly inspected: Inspected }
  | { readonly kind: 'installing'; readonly inspected: Inspected };

interface Upload {
  readonly plugin: string;
  readonly expiry: NodeJS.Timeout;
  state: UploadState;
}

export interface UploadSurroundings {
  readonly dir: string;
  readonly pluginDir: string;
  readonly loader: Pick<ComponentLoader, 'inspect'>;
  preview(inspected: Inspected): Promise<UploadView>;
  install(inspected: Inspected, wish: InstallWish, hostToml: EditedHostToml): Promise<Installed>;
  warn(text: string): void;
}

export class Uploads implements UploadDesk {
  readonly #uploads = new Map<string, Upload>();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(
    readonly around: UploadSurroundings,
    readonly keptMs = KEPT_MS,
  ) {
    void this.#tracked(
      Promise.all([clearReceived(around.dir), removeLeftovers(around.pluginDir, Date.now())]).catch((error: unknown) =>
        around.warn(`old uploads were not removed: ${String(error)}`),
      ),
    );
  }

  receive(fileName: string, body: UploadBody): Promise<string> {
    return this.#tracked(this.#receive(fileName, body));
  }

  async view(id: string): Promise<UploadView | undefined> {
    const state = this.#uploads.get(id)?.state;
    switch (state?.kind) {
      case undefined:
        return undefined;
      case 'receiving':
      case 'inspecting':
        return { state: 'inspecting' };
      case 'refused':
        return { state: 'refused', code: state.error.code, message: state.error.message };
      case 'inspected':
      case 'installing':
        return this.around.preview(state.inspected);
    }
  }

  async install(id: string, wish: InstallWish, hostToml: EditedHostToml): Promise<Installed> {
    const upload = this.#uploads.get(id);
    if (upload?.state.kind !== 'inspected')
      throw new WasiError(
        'PLUGIN_NOT_FOUND',
        'there is no such upload that could be installed: send the component again',
      );
    const { inspected } = upload.state;
    upload.state = { kind: 'installing', inspected };
    let isOver = false;
    try {
      const installed = await this.#tracked(this.around.install(inspected, wish, hostToml));
      isOver = true;
      return installed;
    } finally {
      upload.state = { kind: 'inspected', inspected };
      // It may have been removed, or have become too old, meanwhile.
      if (isOver || this.#uploads.get(id) !== upload) {
        await this.remove(id);
        await inspected.file.remove();
      }
    }
  }

  async remove(id: string): Promise<boolean> {
    const upload = this.#uploads.get(id);
    if (!upload) return false;
    this.#uploads.delete(id);
    clearTimeout(upload.expiry);
    await discard(upload.state);
    return true;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#uploads.keys()].map((id) => this.remove(id)));
    await Promise.allSettled(this.#running);
  }

  async #receive(fileName: string, body: UploadBody): Promise<string> {
    const plugin = pluginOfFile(fileName);
    if (plugin === undefined) {
      const expected = 'the name of a plugin (letters, digits, ".", "-" and "_") with .wasm';
      throw new WasiError('PLUGIN_INVALID', `expected ${expected}, found ${JSON.stringify(fileName.slice(0, 80))}`);
    }
    if (this.#closed) throw new WasiError('RUNTIME_CLOSED', 'the runtime was closed; deploy the flow again');
    if (this.#uploads.size >= MAX_UPLOADS) this.#forgetRefused();
    if (this.#uploads.size >= MAX_UPLOADS)
      throw new WasiError('POLL_BUSY', `${MAX_UPLOADS} uploads are kept already: install or remove one of them first`);
    const id = randomUUID();
    const expiry = setTimeout(() => void this.#tracked(this.remove(id)), this.keptMs).unref();
    const upload: Upload = { plugin, expiry, state: { kind: 'receiving', body } };
    this.#uploads.set(id, upload);
    try {
      const file = await ReceivedFile.receive(join(this.around.dir, id), body, MAX_UPLOAD_BYTES);
      if (this.#uploads.get(id) !== upload) {
        await file.remove();
        throw new WasiError('RUNTIME_CLOSED', 'the upload was given up meanwhile: send it again');
      }
      upload.state = { kind: 'inspecting', file };
      void this.#tracked(this.#inspect(id, upload, file));
      return id;
    } catch (error) {
      // Its file is gone. The body is not ended: who sends it is to read why it was refused.
      if (this.#uploads.get(id) === upload) this.#uploads.delete(id);
      clearTimeout(expiry);
      throw error;
    }
  }

  /** Of one that was refused there is only why, which whoever sent it has read when they send the next one. */
  #forgetRefused(): void {
    for (const [id, { state, expiry }] of this.#uploads) {
      if (state.kind !== 'refused') continue;
      this.#uploads.delete(id);
      clearTimeout(expiry);
    }
  }

  async #inspect(id: string, upload: Upload, file: ReceivedFile): Promise<void> {
    const { plugin } = upload;
    let state: UploadState;
    try {
      const { digest, shape } = await this.around.loader.inspect({ kind: 'file', path: file.path });
      // Nothing was pinned, so that it was looked into.
      if (shape === 'pinned-out') throw new Error('it was not looked into');
      const { kind: role } = roleOf(shape.exports);
      state = { kind: 'inspected', inspected: { plugin, file, sha256: digest, shape, role } };
    } catch (error) {
      await file.remove();
      state = { kind: 'refused', error: namedError(error, plugin) };
    }
    if (this.#uploads.get(id) === upload) upload.state = state;
    else await file.remove();
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
    return work;
  }
}

/** What is being installed is its installer's until that is over. */
async function discard(state: UploadState): Promise<void> {
  switch (state.kind) {
    case 'receiving':
      state.body.destroy();
      return;
    case 'inspecting':
      return state.file.remove();
    case 'inspected':
      return state.inspected.file.remove();
    case 'installing':
    case 'refused':
      return;
  }
}
