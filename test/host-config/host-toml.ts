/** What these tests share: the parser with a fixed name and machine, and the message it refuses a text with. */
import assert from 'node:assert/strict';
import { WasiError } from '../../src/errors/wasi-error';
import type { HostConfig } from '../../src/host-config/host-config';
import { parseHostConfig } from '../../src/host-config/parse-host-config';

export const MACHINE = { hostName: 'workbench' };

export function parsed(text: string): HostConfig {
  return parseHostConfig(text, 'host.toml', MACHINE);
}

export function refusal(text: string): string {
  try {
    parsed(text);
  } catch (error) {
    assert.ok(error instanceof WasiError, String(error));
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.message;
  }
  return assert.fail('the text was accepted');
}
