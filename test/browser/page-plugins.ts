/** Dashboard plugins whose page is a text of the test's, with the sensors' data in it. */
import { quoted } from '../hostile/wat';
import { OUTPUT, wasiDashboard } from '../hostile/wat-wasi';

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
