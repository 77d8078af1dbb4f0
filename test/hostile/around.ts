/** A plugin of one core module whose answer is a number, and whatever else its component holds. */
import { fromText } from '../wasm/components';
import { exported, POLL } from './wat';

export function around(module: string, component: string): Promise<Uint8Array> {
  return fromText(`(component ${component}
    (core module $m ${module} ${POLL}) (core instance $i (instantiate $m))
    (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`);
}
