/** Dashboard plugins whose page is a text of the test's, with the sensors' data in it. */
import { quoted } from '../hostile/wat';
import { OUTPUT, type WasiWorld, wasiDashboard } from '../hostile/wat-wasi';

/** Where the data stands in the page; once. */
export const DATA = '{{data}}';

const PAGE_AT = 1_024;
const REST_AT = 40_000;

/** Together with the data it must fit below `REST_AT`. */
export function pagePlugin(html: string): Promise<Uint8Array> {
  const [before = '', rest = ''] = html.split(DATA);
  const [start, end] = [Buffer.byteLength(before), Buffer.byteLength(rest)];
  const data = html.includes(DATA) ? '(local.get $length)' : '(i32.const 0)';
  return wasiDashboard(
    OUTPUT,
    `(memory.copy (i32.const ${PAGE_AT + start}) (local.get $at) ${data})
    (memory.copy (i32.add (i32.const ${PAGE_AT + start}) ${data}) (i32.const ${REST_AT}) (i32.const ${end}))
    (i32.store (i32.const 0) (i32.const ${PAGE_AT}))
    (i32.store (i32.const 4) (i32.add (i32.const ${start + end}) ${data}))`,
    `(data (i32.const ${PAGE_AT}) ${quoted(before)}) (data (i32.const ${REST_AT}) ${quoted(rest)})`,
  );
}

/** Its page is `render`ed by instructions that store pointer and length of it at 0 and 4. */
export function brokenPlugin(render: string): Promise<Uint8Array> {
  return wasiDashboard(OUTPUT, render);
}

/** `html`, and `letter` two hundred thousand times. */
export function longPlugin(html: string, letter: string): Promise<Uint8Array> {
  const start = Buffer.byteLength(html);
  return wasiDashboard(
    OUTPUT,
    `(if (i32.lt_u (memory.size) (i32.const 8)) (then (drop (memory.grow (i32.const 8)))))
    (memory.fill (i32.const ${PAGE_AT + start}) (i32.const ${letter.charCodeAt(0)}) (i32.const 200000))
    (i32.store (i32.const 0) (i32.const ${PAGE_AT})) (i32.store (i32.const 4) (i32.const ${start + 200_000}))`,
    `(data (i32.const ${PAGE_AT}) ${quoted(html)})`,
  );
}

const SETTINGS: WasiWorld = {
  imports: `(import "edge:plugin/settings@1.0.0" (instance $settings
    (export "get" (func (param "key" string) (result (option string))))))`,
  functions: { get: ['$settings', 'get', '(param i32 i32 i32)'] },
};
const RENDER = `(call $get (i32.const 512) (i32.const 4) (i32.const 256))
  (i32.store (i32.const 0) (i32.load (i32.const 260))) (i32.store (i32.const 4) (i32.load (i32.const 264)))`;

/** Its page is its setting `page`: one component for any number of pages, under as many names. */
export function settingPlugin(): Promise<Uint8Array> {
  return wasiDashboard(SETTINGS, RENDER, `(data (i32.const 512) ${quoted('page')})`);
}

/** What host.toml has to say of it. */
export function settingTable(plugin: string, page: string): string {
  return `[plugins.${plugin}]\nenabled = true\n[plugins.${plugin}.settings]\npage = ${JSON.stringify(page)}\n`;
}
