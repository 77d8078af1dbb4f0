/** Imports that nobody grants, that do not exist, or that are declared as something else. */
import { type Attack, attacks } from './attack';
import { call, sensor } from './wat';

const SET_LED = call(
  'set',
  'edge:plugin/led-controller@1.0.0',
  'set-led',
  '(param "index" u8) (param "r" u8) (param "g" u8) (param "b" u8)',
  '(param i32 i32 i32 i32)',
);

const table: readonly Attack[] = [
  ...[
    'wasi:http/outgoing-handler@0.2.0',
    'wasi:nn/graph@0.2.0',
    'wasi:cli/stdout@0.3.0',
    'wasi:filesystem/wasi@0.2.0',
    'node:fs/promises@1.0.0',
    'edge:plugin/constructor@1.0.0',
    'edge:plugin/to-string@1.0.0',
    'demo:plugin/state-store@0.2.0',
    'edge:plugin/process-image@1.0.0',
  ].map(
    (iface): Attack => ({
      tries: `imports ${iface}`,
      file: () => sensor({ calls: [call('f', iface, 'f', '', '')], poll: '(call $f) (i32.const 1)' }),
      ends: 'CAPABILITY_DENIED',
    }),
  ),
  {
    tries: 'declares a text where the host takes a number',
    file: () =>
      sensor({
        calls: [
          call(
            'set',
            'edge:plugin/led-controller@1.0.0',
            'set-led',
            '(param "index" string) (param "r" string)',
            '(param i32 i32 i32 i32)',
          ),
        ],
        poll: '(call $set (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 4)) (i32.const 1)',
      }),
    ends: 'PLUGIN_TRAPPED',
    says: /other arguments/,
  },
  {
    tries: 'mixes the old interfaces with the new',
    file: () =>
      sensor({
        calls: [
          SET_LED,
          call(
            'demo',
            'demo:plugin/led-controller@0.1.0',
            'set-all',
            '(param "r" u8) (param "g" u8) (param "b" u8)',
            '(param i32 i32 i32)',
          ),
        ],
        poll: '(call $demo (i32.const 1) (i32.const 1) (i32.const 1)) (i32.const 1)',
      }),
    ends: 'answered',
  },
];

attacks('a guest that', table);
