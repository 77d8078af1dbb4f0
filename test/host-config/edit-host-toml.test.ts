import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editHostToml, linesOf, type PluginEdit } from '../../src/host-config/edit-host-toml';
import { NotWritten } from '../../src/host-config/not-written';
import { ConfigInvalid } from '../../src/host-config/problems';
import { parsed } from './host-toml';

/** What an edit makes of a text; a line for each line. */
function edited(text: string, edit: Omit<PluginEdit, 'plugin'>, plugin = 'mine'): string {
  return editHostToml(text, { plugin, ...edit });
}

describe('a plugin is turned off in host.toml', () => {
  for (const [where, before, after] of [
    [
      'where it is written',
      '[plugins.mine]\nenabled = true # on the roof\nled = 3\n',
      '[plugins.mine]\nenabled = false # on the roof\nled = 3\n',
    ],
    ['below its header', '[plugins.mine]\n  led = 3\n', '[plugins.mine]\n  enabled = false\n  led = 3\n'],
    [
      'under its other spelling',
      '[plugins."my-ne"]\n[plugins.mine]\r\nenabled=true',
      '[plugins."my-ne"]\n[plugins.mine]\r\nenabled=false',
    ],
    [
      'in an inline table',
      '[plugins]\nmine = { led = 3 } # c\n',
      '[plugins]\nmine = { led = 3, enabled = false } # c\n',
    ],
    ['in an empty inline table', 'plugins.mine = {}', 'plugins.mine = { enabled = false }'],
    ['in a table of tables', 'plugins = { mine = {led = 3} }', 'plugins = { mine = {led = 3, enabled = false} }'],
    [
      'in a table of other plugins',
      'plugins = { dht22.led = 3 }',
      'plugins = { dht22.led = 3, mine = { enabled = false } }',
    ],
    ['among dotted keys', '[plugins]\n  mine.led = 3\n', '[plugins]\n  mine.enabled = false\n  mine.led = 3\n'],
    [
      'among dotted keys of an inline table',
      'plugins = { mine.led = 3 }',
      'plugins = { mine.enabled = false, mine.led = 3 }',
    ],
    ['among quoted keys', 'plugins."mine" . led = 3\n', 'plugins."mine".enabled = false\nplugins."mine" . led = 3\n'],
    [
      'above its parts',
      '[leds]\n\n# mine\n[plugins.mine.settings]\na = 1\n',
      '[leds]\n\n[plugins.mine]\nenabled = false\n\n# mine\n[plugins.mine.settings]\na = 1\n',
    ],
    [
      'in a new table, below the other plugins',
      '[plugins.dht22]\nled = 3 # c\n\n# strip\n[leds]\ncount = 4\n',
      '[plugins.dht22]\nled = 3 # c\n\n[plugins.mine]\nenabled = false\n\n# strip\n[leds]\ncount = 4\n',
    ],
    ['in an empty file', '', '[plugins.mine]\nenabled = false\n'],
    [
      'in a file that does not end its last line',
      '[leds]\ncount = 4',
      '[leds]\ncount = 4\n\n[plugins.mine]\nenabled = false',
    ],
    [
      'with the line endings there are',
      '[leds]\r\ncount = 4\r\n',
      '[leds]\r\ncount = 4\r\n\r\n[plugins.mine]\r\nenabled = false\r\n',
    ],
    ['behind a byte order mark', '\ufeff[plugins.mine]\n', '\ufeff[plugins.mine]\nenabled = false\n'],
  ] as const) {
    it(`${where}, and nothing else changes`, () => {
      assert.equal(edited(before, { enabled: false }), after);
      assert.equal(parsed(after).plugins.get('mine')?.enabled, false);
    });
  }

  it('by the name it has there, "-" and "_" being one', () => {
    assert.equal(edited('[plugins.my-one]\n', { enabled: true }, 'my_one'), '[plugins.my-one]\nenabled = true\n');
  });

  it('and the same again changes nothing', () => {
    const once = edited('# mine\n', { enabled: false });
    assert.equal(edited(once, { enabled: false }), once);
  });

  it('while strings that look like tables stay strings', () => {
    const text = '[plugins.mine.settings]\nhelp = """\n[plugins.mine]\nenabled = true\n"""\n';
    assert.equal(edited(text, { enabled: false }), `[plugins.mine]\nenabled = false\n\n${text}`);
  });
});

describe('the grants of a plugin are written into host.toml', () => {
  const I2C = 'i2c = ["0x76"]';
  for (const [where, before, grants, after] of [
    [
      'in a table of their own',
      '[plugins.mine]\nled = 3\n',
      I2C,
      `[plugins.mine]\nled = 3\n\n[plugins.mine.grants]\n${I2C}\n`,
    ],
    ['for a plugin that was not there', '', `# roof\n${I2C}`, `[plugins.mine.grants]\n# roof\n${I2C}\n`],
    [
      'with the header they are pasted with',
      '',
      `\n[plugins.mine.grants] # x\n${I2C}\n`,
      `[plugins.mine.grants]\n${I2C}\n`,
    ],
    [
      'key by key, keeping what stays',
      `[plugins.mine.grants]\n# roof\n${I2C} # a\nfan = true\n`,
      `${I2C}\nbuzzer = true`,
      `[plugins.mine.grants]\n# roof\n${I2C} # a\nbuzzer = true\n`,
    ],
    [
      'over another value',
      `[plugins.mine.grants]\ni2c = [\n "0x40", # a\n] # b\n[leds]\n`,
      I2C,
      `[plugins.mine.grants]\n${I2C} # b\n[leds]\n`,
    ],
    ['as none at all', `[plugins.mine.grants]\n${I2C} # roof\nfan = true\n`, '', '[plugins.mine.grants]\n # roof\n'],
    [
      'in an inline table',
      `[plugins.mine]\ngrants = { fan = true } # a\n`,
      I2C,
      `[plugins.mine]\ngrants = { ${I2C} } # a\n`,
    ],
    [
      'into an inline plugin',
      '[plugins]\nmine = { led = 3 }\n',
      I2C,
      `[plugins]\nmine = { led = 3, grants = { ${I2C} } }\n`,
    ],
    [
      'among dotted keys',
      `[plugins.mine]\ngrants.fan = true # a\nled = 3\n`,
      `fan = true\n${I2C}`,
      `[plugins.mine]\ngrants.fan = true # a\ngrants.${I2C}\nled = 3\n`,
    ],
    [
      'of which a table of its own stays',
      '[plugins.mine.grants.process_image]\nread = ["T"]\n[plugins.mine.grants]\n',
      'process_image = { read = ["T"] }\nfan = true',
      '[plugins.mine.grants.process_image]\nread = ["T"]\n[plugins.mine.grants]\nfan = true\n',
    ],
    [
      'part by part',
      '[plugins.mine.grants]\n',
      'process_image.read = ["T"]\nprocess_image.write = ["R"]',
      '[plugins.mine.grants]\nprocess_image.read = ["T"]\nprocess_image.write = ["R"]\n',
    ],
    [
      'for parts that were written one by one',
      '[plugins.mine.grants]\nprocess_image.read = ["T"] # T\nfan = true\n',
      'process_image = { read = ["U"] }\nfan = true',
      '[plugins.mine.grants]\n # T\nfan = true\nprocess_image = { read = ["U"] }\n',
    ],
  ] as const) {
    it(`${where}, and nothing else changes`, () => assert.equal(edited(before, { grants }), after));
  }

  it('together with whether it is enabled', () => {
    const text = edited('', { enabled: false, grants: I2C });
    assert.equal(text, `[plugins.mine]\nenabled = false\n\n[plugins.mine.grants]\n${I2C}\n`);
  });

  it('which keeps the bundled plugins as they were, also in a new file', () => {
    for (const edit of [{ enabled: true }, { grants: I2C }, { enabled: false, grants: '' }]) {
      const { plugins } = parsed(edited('', edit));
      for (const [name, plugin] of parsed('').plugins) assert.deepEqual(plugins.get(name), plugin);
    }
  });

  it('but nothing that would lead out of their table', () => {
    for (const grants of [
      '[plugins.dht22]\nenabled = false',
      `${I2C}\n[leds]\ncount = 0`,
      '[plugins.other.grants]\nfan = true',
      '[[a]]',
      `fan = true\n[plugins.mine.grants]\n${I2C}`,
    ]) {
      assert.throws(() => edited('', { grants }), ConfigInvalid, grants);
    }
  });

  it('but nothing that is no grant', () => {
    assert.throws(
      () => edited('[leds]\n', { grants: 'i2c = [118]' }),
      (error) => error instanceof ConfigInvalid && error.problems[0]?.line === 4 && /i2c\[0\]/.test(error.message),
    );
    assert.throws(() => edited('', { grants: 'i2c = [' }), ConfigInvalid);
    assert.throws(() => edited('', { grants: `fan = true # ${'x'.repeat(17_000)}` }), ConfigInvalid);
  });
});

describe('what is not edited by a machine', () => {
  for (const [what, before, edit] of [
    [
      'a table of grants in parts',
      '[plugins.mine.grants.process_image]\nread = ["T"]\n',
      { grants: 'process_image = { read = ["U"] }' },
    ],
    ['dotted grants in an inline table', 'plugins = { mine.grants.fan = true }', { grants: 'buzzer = true' }],
    ['dotted grants of which none would stay', '[plugins.mine]\ngrants.fan = true\n', { grants: '' }],
  ] as const) {
    it(`(${what}) is refused with the lines to paste, never guessed`, () => {
      assert.throws(
        () => edited(before, edit),
        (error) => error instanceof NotWritten && error.lines === linesOf({ plugin: 'mine', ...edit }),
      );
    });
  }

  it('is a text with other problems, since it would not hold either way', () => {
    assert.throws(() => edited('[leds]\ncount = "x"\n', { enabled: true }), ConfigInvalid);
    assert.throws(() => edited('[leds', { enabled: true }), ConfigInvalid);
  });

  it('is a plugin whose name is none', () => {
    for (const name of ['', '../x', 'a b', 'x\u0000', 'x'.repeat(65), '__proto__]\n[leds', '__proto__', '--proto--'])
      assert.throws(() => edited('', { enabled: true }, name), ConfigInvalid, name);
  });

  it('is a grant called __proto__, however it is pasted', () => {
    for (const grants of ['__proto__ = true', '"__proto__".buzzer = true', 'process_image = { __proto__ = ["x"] }'])
      assert.throws(() => edited('', { grants }), /expected any other name/, grants);
  });
});

describe('a plugin is taken out of host.toml', () => {
  for (const [where, before, after] of [
    ['where it is all there is', '[plugins.mine]\nenabled = true\n', ''],
    [
      'with its parts and the comments right above them, between others',
      '# strip\n[leds]\ncount = 4\n\n# on the roof\n[plugins.mine]\nled = 3\n# every night\n[plugins.mine.grants]\ni2c = ["0x76"] # c\n\n[plugins.dht22]\nled = 1\n',
      '# strip\n[leds]\ncount = 4\n\n[plugins.dht22]\nled = 1\n',
    ],
    [
      'and what is written for nobody stays',
      '[plugins.mine]\nled = 3\n\n# for later\n\n[leds]\ncount = 4\n',
      '# for later\n\n[leds]\ncount = 4\n',
    ],
    ['with an array of tables', '[[plugins.mine.settings.a]]\nb = 1\n[leds]\ncount = 4\n', '[leds]\ncount = 4\n'],
    [
      'from among dotted keys',
      '[plugins]\nmine.led = 3\ndht22.led = 1\nmine.enabled = false',
      '[plugins]\ndht22.led = 1\n',
    ],
    [
      'from a table of tables',
      '[plugins]\nmine = { led = 3 } # c\ndht22 = { led = 1 }\n',
      '[plugins]\ndht22 = { led = 1 }\n',
    ],
    [
      'with the line endings there are',
      '[leds]\r\ncount = 4\r\n\r\n[plugins.mine]\r\nled = 3\r\n',
      '[leds]\r\ncount = 4\r\n\r\n',
    ],
    ['behind a byte order mark', '\ufeff[plugins.mine]\nled = 3\n[leds]\n', '\ufeff[leds]\n'],
    ['where it is not there', '[plugins.dht22]\nled = 1\n', '[plugins.dht22]\nled = 1\n'],
  ] as const) {
    it(`${where}, and nothing else changes`, () => {
      assert.equal(edited(before, { removed: true }), after);
      assert.equal(parsed(after.replace('\ufeff', '')).plugins.has('mine'), false);
    });
  }

  it('by the name it has there, "-" and "_" being one', () => {
    assert.equal(edited('[plugins.my-one]\nled = 3\n', { removed: true }, 'my_one'), '');
  });

  it('or is left to a person where it is an entry of an inline table', () => {
    assert.throws(() => edited('plugins = { mine = { led = 3 } }', { removed: true }), NotWritten);
  });
});
