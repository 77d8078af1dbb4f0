/**
 * A stage of its own: host.toml as text. It is a configuration, frozen through, or CONFIG_INVALID; what is complained of
 * stands in a line that the text has, and no key of it changes an object that everybody shares.
 */
import { WasiError } from '../../src/errors/wasi-error';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { attempt, type Judgement } from './judgement';

const LINE = /\bline (\d+)/g;
/** As TOML and editors count: a carriage return alone ends none. */
const LINE_END = /\n/g;

export function judgeHostToml(bytes: Uint8Array): Judgement {
  const text = Buffer.from(bytes).toString('utf8');
  const findings: string[] = [];
  const said: string[] = [];
  const refusal = (error: unknown) => {
    if (!(error instanceof WasiError) || error.code !== 'CONFIG_INVALID') return false;
    said.push(...error.message.split('\n'));
    return true;
  };
  const config = attempt('parseHostConfig', findings, refusal, () => parseHostConfig(text, 'f', { hostName: 'h' }));
  if (config) {
    said.push(...config.value.warnings);
    if (!isFrozen(config.value)) findings.push('something in the configuration can be changed');
  }
  const lines = (text.match(LINE_END)?.length ?? 0) + 1;
  for (const [named, line] of said.flatMap((sentence) => [...sentence.matchAll(LINE)].slice(0, 1))) {
    if (Number(line) < 1 || Number(line) > lines) findings.push(`it says ${named} of a text of ${lines} lines`);
  }
  if (Object.keys(Object.prototype).length > 0) findings.push('it changed Object.prototype');
  return { verdict: config ? 'taken' : 'CONFIG_INVALID', passed: config !== undefined, findings };
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Map && !(refusesChanges(value) && [...value.values()].every(isFrozen))) return false;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

/** A frozen map is as open as any. */
function refusesChanges(map: Map<unknown, unknown>): boolean {
  try {
    map.set(map, map);
    return false;
  } catch {
    return true;
  }
}
