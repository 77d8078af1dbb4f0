/** The plugins of one runtime while host.toml becomes another one, and who asks for them meanwhile. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PluginFiles } from '../../src/plugin-host/plugin-files';
import { Plugins } from '../../src/plugin-host/plugins';
import { scratchFolder } from '../wasm/components';
import { configOf, POLL, probe, returned, surroundings } from './probes';

/** With a file for each name, and one plugin, `slow`, whose call ends when `answer` is called. */
async function polledSlowly(t: TestContext, names: readonly string[], toml: string) {
  const dir = scratchFolder(t);
  for (const name of names) writeFileSync(join(dir, `${name}.wasm`), name);
  const files = new PluginFiles(dir, new Map());
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const around = surroundings(async () => probe(() => answered.then(() => returned([]))));
  const plugins = new Plugins(configOf(toml), files, around);
  plugins.start();
  t.after(() => plugins.close());
  const slow = await plugins.get('slow');
  await slow.refresh();
  void slow.call(POLL, (value) => value);
  return { plugins, files, answer };
}

describe('a plugin that is asked for while another host.toml is taken over', () => {
  it('is one of the new host.toml, also where none was named after it before', async (t) => {
    const { plugins, files, answer } = await polledSlowly(t, ['slow', 'late'], '[plugins.slow]\n');
    const next = configOf('[plugins.slow]\n[plugins.late.grants]\nbuzzer = true\n');
    const taken = plugins.reconfigure(next, false, async () => undefined);
    const asked = plugins.get('late');
    // As long as it takes to find its file.
    await files.locate('late');
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await taken;
    const late = await asked;
    assert.equal(late.config.grants.buzzer, true);
    assert.equal(plugins.find('late'), late);
    assert.notEqual(late.state, 'closed');
  });
});
