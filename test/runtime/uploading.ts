/** What tests of uploads share: bodies as a request gives them, and a runtime over a host.toml that is a file. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostTomlFile } from '../../src/host-config/host-toml-file';
import type { UploadBody, UploadView } from '../../src/runtime-api/admin-api';
import { until } from '../support/until';
import { bytesOf, fixture } from '../wasm/components';
import { type Lifetime, NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const PIECE_BYTES = 65_536;

export function bodyOf(bytes: Uint8Array): UploadBody {
  return {
    destroy: () => undefined,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
    },
  };
}

export class UploadHost {
  private constructor(
    readonly host: TestRuntime,
    readonly hostToml: HostTomlFile,
  ) {}

  /** `toml`: undefined for a configuration in the node. */
  static async open(
    t: Lifetime,
    toml: string | undefined,
    files: Readonly<Record<string, string>> = {},
    inline = NONE_BUNDLED,
  ): Promise<UploadHost> {
    const userDir = userDirectory(t);
    const origin =
      toml === undefined
        ? ({ configSource: 'inline', configFile: '', configText: inline, userDir } as const)
        : ({ configSource: 'file', configFile: '', configText: '', userDir } as const);
    mkdirSync(join(userDir, 'wasi'), { recursive: true });
    if (toml !== undefined) writeFileSync(join(userDir, 'wasi', 'host.toml'), toml);
    const host = await TestRuntime.open(t, '', files, origin);
    return new UploadHost(host, new HostTomlFile(origin));
  }

  get uploads() {
    return this.host.runtime.admin.uploads;
  }

  get toml(): string {
    return readFileSync(join(this.host.userDir, 'wasi', 'host.toml'), 'utf8');
  }

  /** Files of the folder of uploads. */
  get kept(): readonly string[] {
    const dir = join(this.host.userDir, 'wasi', 'uploads');
    return existsSync(dir) ? readdirSync(dir) : [];
  }

  /** Files of the plugin folder, hidden ones too. */
  get plugins(): readonly string[] {
    return readdirSync(join(this.host.userDir, 'wasi', 'plugins'));
  }

  send(name: string, guest: string): Promise<string> {
    return this.uploads.receive(name, bodyOf(bytesOf(fixture(guest))));
  }

  /** What is known of an upload once it was looked at. */
  async looked(id: string): Promise<UploadView> {
    return until(async () => {
      const view = await this.uploads.view(id);
      if (view === undefined) throw new Error('there is no such upload');
      return view.state !== 'inspecting' && view;
    });
  }

  /** Sent and looked at. */
  async ready(name: string, guest: string): Promise<string> {
    const id = await this.send(name, guest);
    await this.looked(id);
    return id;
  }

  install(id: string, enabled: boolean, lines?: string) {
    return this.uploads.install(id, { enabled, ...(lines === undefined ? {} : { lines }) }, this.hostToml);
  }
}
