/** host.toml files as people write them, made up by a generator: whatever their form, an edit changes what was meant alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editHostToml } from '../../src/host-config/edit-host-toml';
import { normalisePluginName } from '../../src/host-config/host-config';
import { NotWritten } from '../../src/host-config/not-written';
import { parse } from '../../src/host-config/toml';
import { parsed } from './host-toml';

const NAMES = ['mine', 'dht22', 'pi-monitor', '"quo-ted"', 'a1'];
const GRANTS = [
  'i2c = ["0x76"]',
  'fan = true',
  'uart = [\n  "/dev/ttyAMA0", # ]\n]',
  'process_image = { read = ["}"] }',
  'gpio = []',
];
const SETTINGS = [
  'text = "# no [comment]"',
  "path = 'C:\\'",
  'long = """\n[plugins.mine]\nenabled = true\n"""',
  'x = 0x1F',
];

const comment = fc.constantFrom('', '', ' # note', '#[plugins.mine]', '   # "');
const grants = fc.subarray(GRANTS);
const settings = fc.subarray(SETTINGS);
const enabled = fc.option(fc.boolean(), { nil: undefined });

interface Form {
  readonly inPlugins: readonly string[];
  readonly tables: readonly (readonly string[])[];
}

/** One plugin in one of the forms that TOML has for it. */
function formOf(name: string) {
  return fc
    .record({
      enabled,
      grants,
      settings,
      comment,
      form: fc.constantFrom('table', 'parts', 'inline', 'dotted', 'none', 'dottedGrants'),
    })
    .map(({ form, ...plugin }): Form => {
      const flag = plugin.enabled === undefined ? [] : [`enabled = ${plugin.enabled}`];
      const own = [
        `[plugins.${name}]${plugin.comment}`,
        ...flag.map((line) => `  ${line} ${plugin.comment}`),
        'led = 1',
      ];
      const granted = [`[plugins.${name}.grants]`, ...plugin.grants.map((line) => line + plugin.comment)];
      const set = [`[ plugins . ${name} . settings ]`, ...plugin.settings];
      const oneLine = plugin.grants.filter((line) => !line.includes('\n'));
      const inline = [...flag, 'leds = [1, 2]', ...(oneLine.length > 0 ? [`grants = {${oneLine.join(', ')}}`] : [])];
      const forms: Readonly<Record<string, Partial<Form>>> = {
        table: { tables: [own, granted, set] },
        parts: { tables: [set, granted] },
        inline: { inPlugins: [`${name} = {${inline.join(', ')}}${plugin.comment}`] },
        dotted: { inPlugins: ['led = 0', ...flag].map((line) => `${name}.${line}${plugin.comment}`) },
        dottedGrants: { tables: [[...own, ...plugin.grants.map((line) => `grants.${line}`)]] },
      };
      return { inPlugins: [], tables: [], ...forms[form] };
    });
}

const hostToml = fc
  .record({
    forms: fc.tuple(...NAMES.map(formOf)),
    others: fc.subarray([
      '[leds]\ncount = 20',
      '# last\n[polling]\ninterval_seconds = 5 # s',
      '[simulation]\nseed = 1',
    ]),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n\n', '\n# end'),
    mark: fc.constantFrom('', '\ufeff'),
  })
  .map(({ forms, others, eol, end, mark }) => {
    const inPlugins = forms.flatMap((form) => form.inPlugins);
    const tables = forms.flatMap((form) => form.tables.map((table) => table.join('\n')));
    const [first = [], ...rest] = [others.slice(0, 1), tables, others.slice(1)];
    const plugins = inPlugins.length > 0 ? [['[plugins]', ...inPlugins].join('\n')] : [];
    const text = [...first, ...plugins, ...rest.flat()].join('\n\n') + end;
    return mark + text.replaceAll('\n', eol);
  });

type Table = Record<string, unknown>;

function tableOf(value: unknown): Table {
  return JSON.parse(JSON.stringify(value ?? {}));
}

/** Comments that are none inside a string; each is unique enough to be counted. */
function comments(text: string): number {
  return text.split('# note').length + text.split('#[plugins.mine]').length + text.split('# last').length;
}

function pluginsOf(text: string): Table {
  return tableOf(tableOf(parse(text.replace(/^\ufeff/, '')))['plugins']);
}

describe('an edit of any host.toml', () => {
  it('turns one plugin on or off, whatever form it has, and leaves every other byte', () => {
    fc.assert(
      fc.property(hostToml, fc.constantFrom(...NAMES), fc.boolean(), (text, quoted, value) => {
        parsed(text.replace(/^\ufeff/, ''));
        const plugin = normalisePluginName(quoted.replaceAll('"', ''));
        const after = editHostToml(text, { plugin, enabled: value });
        const old = pluginsOf(text);
        const now = pluginsOf(after);
        const key =
          Object.keys(now).find((name) => normalisePluginName(name) === plugin) ?? assert.fail('it is not there');
        assert.deepEqual(now, { ...old, [key]: { ...tableOf(old[key]), enabled: value } });
        assert.ok(
          isSubsequence(
            text.replace(/enabled = (?:true|false)/g, 'enabled = '),
            after.replace(/enabled = (?:true|false)/g, 'enabled = '),
          ),
        );
        assert.ok(text.includes('\r\n') || !after.includes('\r'));
      }),
      { numRuns: 300 },
    );
  });

  it('writes grants, keeping every comment, or hands back the lines to paste', () => {
    let refused = 0;
    fc.assert(
      fc.property(hostToml, fc.constantFrom(...NAMES), grants, (text, quoted, wanted) => {
        const plugin = normalisePluginName(quoted.replaceAll('"', ''));
        let after: string;
        try {
          after = editHostToml(text, { plugin, grants: wanted.join('\n') });
        } catch (error) {
          assert.ok(error instanceof NotWritten, String(error));
          refused += 1;
          return;
        }
        const old = pluginsOf(text);
        const now = pluginsOf(after);
        const key =
          Object.keys(now).find((name) => normalisePluginName(name) === plugin) ?? assert.fail('it is not there');
        assert.deepEqual(now, { ...old, [key]: { ...tableOf(old[key]), grants: tableOf(parse(wanted.join('\n'))) } });
        assert.equal(comments(after), comments(text));
      }),
      { numRuns: 300 },
    );
    assert.ok(refused < 60, `${refused} of 300 were refused: forms that people write are to be edited`);
  });

  it('takes one plugin out, whatever form it has, and leaves every other byte that is not about it', () => {
    fc.assert(
      fc.property(hostToml, fc.constantFrom(...NAMES), (text, quoted) => {
        const plugin = normalisePluginName(quoted.replaceAll('"', ''));
        const after = editHostToml(text, { plugin, removed: true });
        const left = Object.entries(pluginsOf(text)).filter(([name]) => normalisePluginName(name) !== plugin);
        assert.deepEqual(pluginsOf(after), Object.fromEntries(left));
        assert.ok(isSubsequence(after, text));
        assert.ok(after.includes('# end') || !text.includes('# end'));
      }),
      { numRuns: 300 },
    );
  });
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at += 1;
  return at === part.length;
}
