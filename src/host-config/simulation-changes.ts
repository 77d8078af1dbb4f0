/**
 * A message that changes the simulated world: keys and forms of [simulation], each of them optional, and beside them
 * `fan` (true or false) and `buzzer` (ms from 1 to 60 000; true for all of them; false or 0 for silence). Throws
 * CONFIG_INVALID with everything that is wrong, and then nothing holds. What is no object of keys, a number or a text
 * say, changes nothing. `display` changes nothing either: it is in the world that a message brings back.
 */
import type { SimulationSettings, WorldChanges, WorldNow } from '../hardware/hardware';
import { KeyLines } from './key-lines';
import { configInvalid, Problems } from './problems';
import { readSimulation, SIMULATION_KEYS } from './simulation-table';
import { isTable, TableReader } from './table-reader';

/** A minute, as for plugins. */
const MAX_BUZZER_MS = 60_000;
/** More keys than there are, and few enough to look each one up on Node-RED's event loop. */
const MAX_KEYS = 32;
const SOURCE = 'msg.payload';
const NEXT_STEP = 'Nothing was changed; correct the message and send it again.';

const DISPLAY = 'display';

/** The world by the keys of [simulation], with `buzzer` and `fan`, and with `display` while that is not dark. */
export type WorldByKey = Readonly<Record<string, number | boolean | readonly string[]>>;

export function parseWorldChanges(payload: unknown): WorldChanges {
  if (!isPlain(payload)) return { simulation: {} };
  const count = Object.keys(payload).length;
  if (count > MAX_KEYS)
    throw configInvalid(`${SOURCE}: expected at most ${MAX_KEYS} keys, found ${count}`, { nextStep: NEXT_STEP });
  const problems = new Problems(SOURCE, new KeyLines(''), NEXT_STEP);
  const table = new TableReader(problems, [], payload);
  const simulation = namedSettings(table);
  const fan = table.has('fan') ? table.yesOrNo('fan', false) : undefined;
  const buzzerMs = readBuzzer(table);
  table.value(DISPLAY);
  table.refuseUnknownKeys();
  problems.throwIfAny();
  return {
    simulation,
    ...(fan === undefined ? {} : { fan }),
    ...(buzzerMs === undefined ? {} : { buzzerMs }),
  };
}

export function worldByKey({ values, buzzerOn, fanOn, display }: WorldNow): WorldByKey {
  const entries = SIMULATION_KEYS.map(([name, key]) => [key, values[name]] as const);
  const shown = display === undefined ? {} : { [DISPLAY]: display };
  return { ...Object.fromEntries(entries), buzzer: buzzerOn, fan: fanOn, ...shown };
}

function namedSettings(table: TableReader): Partial<SimulationSettings> {
  const whole = readSimulation(table);
  const named: { -readonly [Name in keyof SimulationSettings]?: SimulationSettings[Name] } = {};
  const take = <Name extends keyof SimulationSettings>(name: Name) => {
    named[name] = whole[name];
  };
  for (const [name, key] of SIMULATION_KEYS) if (table.has(key)) take(name);
  return named;
}

function readBuzzer(table: TableReader): number | undefined {
  const found = table.value('buzzer');
  if (found === undefined) return undefined;
  if (typeof found === 'boolean') return found ? MAX_BUZZER_MS : 0;
  if (typeof found === 'number') return table.whole('buzzer', { min: 0, max: MAX_BUZZER_MS, fallback: 0 });
  table.wrong('buzzer', `true, false or a whole number of ms from 0 to ${MAX_BUZZER_MS}`);
  return undefined;
}

/** Also one that comes from a function node, whose objects are of another realm; no Buffer, Date or list. */
function isPlain(payload: unknown): payload is Readonly<Record<string, unknown>> {
  return isTable(payload) && Object.prototype.toString.call(payload) === '[object Object]';
}
