import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedImports } from '../../src/capabilities/import-check';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import { refusal } from '../../src/plugin-host/refusal-text';
import { WASI_INTERFACES } from '../../src/wasm/wasi/wasi-imports';

function textOf(...imports: string[]): string {
  return refusal({ name: 'weather', grants: NO_GRANTS }, refusedImports(imports, NO_GRANTS, WASI_INTERFACES)).message;
}

describe('why a component is refused', () => {
  it('names the option that builds JavaScript without HTTP', () => {
    const text = textOf('wasi:http/types@0.2.3', 'wasi:http/outgoing-handler@0.2.3');
    assert.match(text, /^it imports wasi:http\/types@0\.2\.3, wasi:http\/outgoing-handler@0\.2\.3, which/);
    assert.match(text, /"jco componentize … --disable http", or disableFeatures: \["http"\] of componentize-js/);
    assert.doesNotMatch(text, /\[plugins\.weather/, 'no line of host.toml would help');
  });

  it('says nothing of HTTP where another import is the reason', () => {
    assert.doesNotMatch(textOf('other:host/thing@1.0.0'), /http/);
    assert.match(
      textOf('edge:plugin/i2c@1.0.0'),
      /To allow it, add these lines at the end of host\.toml:\n\[plugins\.weather\.grants\]\ni2c = /,
    );
  });
});
