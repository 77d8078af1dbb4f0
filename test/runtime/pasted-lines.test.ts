/** The lines of host.toml in a logged refusal, taken from Node-RED's log as they stand there and pasted where it says. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { call, sensor } from '../hostile/wat';
import { promise } from '../support/promise';
import { NONE_BUNDLED, TestRuntime, userDirectory } from './test-runtime';

const SET_FAN = call('fan', 'edge:plugin/fan-controller@1.0.0', 'set-fan', '(param "on" bool)', '(param i32)');
const BEEP = call(
  'beep',
  'edge:plugin/buzzer-controller@1.0.0',
  'beep',
  '(param "count" u8) (param "duration-ms" u32) (param "interval-ms" u32)',
  '(param i32 i32 i32)',
);
const GENEROUS = '[limits]\ndeadline_ms = 60000\nload_deadline_ms = 300000\n';

const FORMS: readonly { name: string; before: string; place: RegExp; paste(toml: string, lines: string): string }[] = [
  {
    name: 'of a plugin without a table',
    before: '',
    place: /add these lines at the end of host\.toml:$/,
    paste: (toml, lines) => toml + lines,
  },
  {
    name: 'of a plugin with a table, under the name that is written there, in a file without a last line end',
    before: '[plugins.my-sensor]\nled = 3\n[plugins.my-sensor.settings]\nthreshold = 30\n# the end\n',
    place: /add these lines at the end of host\.toml:$/,
    paste: (toml, lines) => toml + lines,
  },
  {
    name: 'of a plugin with a table of grants, in its place, with what it grants',
    before: '[plugins.my_sensor.grants]\ni2c = ["0x76"] # the display\nbuzzer = false\n\n[leds]\ncount = 5\n',
    place: /replace the grants of this plugin in host\.toml with these lines:$/,
    paste: (toml, lines) => toml.replace(/\[plugins\.my_sensor\.grants\]\n.*\n.*\n/, `${lines}\n`),
  },
  {
    name: 'of a plugin with grants in braces',
    before: '[plugins.my-sensor]\nled = 3\ngrants = { i2c = ["0x76"] }\n[leds]\ncount = 5\n',
    place: /replace the grants of this plugin in host\.toml with these lines:$/,
    paste: (toml, lines) => toml.replace(/grants = .*\n/, `${lines}\n`),
  },
];

describe('the lines of host.toml in a logged refusal', () => {
  promise(
    'fit the file as it is now, although what it grants is the same, and a plugin that runs is left alone',
    async (t) => {
      const userDir = userDirectory(t);
      const path = join(userDir, 'wasi', 'host.toml');
      const toml = `${NONE_BUNDLED}${GENEROUS}`;
      writeFileSync(path, toml);
      const host = await TestRuntime.open(t, '', { counter: 'counter_v1' }, { userDir, configSource: 'file' });
      assert.equal((await host.poll('counter'))['count'], 1);
      host.renameIn('my_sensor', await sensor({ calls: [SET_FAN], poll: '(i32.const 1)' }), new Date(0));
      await assert.rejects(host.runtime.poll('my_sensor'), { message: /add these lines at the end of host\.toml:\n/ });
      writeFileSync(path, `${toml}[plugins.my_sensor.grants]\n[plugins.counter.grants]\n`);
      await host.until(() => host.logged('info', /host\.toml changed and was taken over/).length > 0);
      await assert.rejects(host.runtime.poll('my_sensor'), { message: /replace the grants of this plugin/ });
      assert.equal((await host.poll('counter'))['count'], 2);
    },
  );

  for (const { name, before, place, paste } of FORMS) {
    promise(`can be pasted as they are: ${name}`, async (t) => {
      const userDir = userDirectory(t);
      const path = join(userDir, 'wasi', 'host.toml');
      const toml = `${NONE_BUNDLED}${GENEROUS}${before}`;
      writeFileSync(path, toml);
      const host = await TestRuntime.open(t, '', {}, { userDir, configSource: 'file' });
      const poll = '(call $fan (i32.const 1)) (call $beep (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 1)';
      // Long ago: what was just written might be half of a copy, and is refused without a word.
      host.renameIn('my_sensor', await sensor({ calls: [SET_FAN, BEEP], poll }), new Date(0));
      await assert.rejects(host.runtime.poll('my_sensor'), { code: 'CAPABILITY_DENIED' });
      const [logged = ''] = host.logged('error', /CAPABILITY_DENIED/);
      const [sentence = '', ...lines] = logged.split('\n');
      assert.match(sentence, place);
      for (const line of lines) assert.match(line, /^(\[plugins\.[\w-]+\.grants\]|\w+ = .*\S)$/);
      assert.ok(lines.includes('fan = true') && lines.includes('buzzer = true'));
      assert.equal(lines.includes('i2c = ["0x76"]'), before.includes('i2c'), 'what is granted stays granted');
      writeFileSync(path, paste(toml, lines.join('\n')));
      await host.until(() => host.logged('info', /host\.toml changed and was taken over/).length > 0);
      assert.deepEqual(await host.poll('my_sensor'), { 0: 1 });
      assert.deepEqual(host.logged('error', /CONFIG_INVALID/), []);
    });
  }
});
