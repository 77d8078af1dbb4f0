/**
 * Why a guest crashed, in words for its author: what happened, where in the source, what to write instead. The one place
 * that knows what the runtimes of Python, JavaScript, Rust and Go print before they end an instance. All of it is the
 * guest's own text: read in bounded lines and shown in bounded pieces. No code depends on it but PLUGIN_MEMORY, where a
 * runtime says that memory ran out.
 */
import type { HostRefusal } from './host-refusals';
import { shownText } from './shown-text';

/** What is left of a call that a guest did not survive. */
export interface CrashEvidence {
  /** What it wrote to stderr during the call, by lines of bounded length. */
  readonly lines: readonly string[];
  /** What the engine says of it. */
  readonly trap: string;
  /** The functions it was in, innermost first. */
  readonly frames: readonly string[];
  /** The export that was called. */
  readonly func: string;
  /** The newest error that the host answered during the call. */
  readonly refusal: HostRefusal | undefined;
}

export interface Crash {
  readonly text: string;
  readonly outOfMemory: boolean;
}

/** What a reader of one language found. */
interface Finding {
  readonly what: string;
  readonly where?: string | undefined;
  readonly advice?: string | undefined;
  readonly outOfMemory?: boolean;
}

type Reader = (evidence: CrashEvidence) => Finding | undefined;

const MAX_WHAT_LENGTH = 300;
const MAX_WHERE_LENGTH = 120;
const MAX_GIVEN_LENGTH = 40;
const MAX_JOINED_LINES = 8;

export function crashOf(evidence: CrashEvidence): Crash {
  const found = firstFinding(evidence);
  const { refusal } = evidence;
  const what = shownText(found.what, MAX_WHAT_LENGTH);
  const where = found.where === undefined ? '' : ` (${shownText(found.where, MAX_WHERE_LENGTH)})`;
  const before =
    refusal === undefined || what.includes(refusal.text)
      ? ''
      : `. Before that, ${refusal.call} failed: ${refusal.text}`;
  const advice = found.advice === undefined ? '' : `. ${found.advice}`;
  return { text: `${what}${where}${before}${advice}`, outOfMemory: found.outOfMemory ?? false };
}

function firstFinding(evidence: CrashEvidence): Finding {
  for (const read of READERS) {
    const found = read(evidence);
    if (found) return found;
  }
  return unknownLanguage(evidence);
}

const READERS: readonly Reader[] = [python, pythonConversion, quickJs, starlingMonkey, rust, go];

function unknownLanguage({ lines, trap }: CrashEvidence): Finding {
  const last = lines[lastIndex(lines, (line) => line.trim() !== '')];
  if (last === undefined) return { what: trap, advice: trap.includes('unreachable') ? NO_REASON : undefined };
  const outOfMemory = /^memory allocation of \d+ bytes failed/.test(last);
  return { what: `${shownText(last, MAX_WHAT_LENGTH / 2)}; ${trap}`, outOfMemory };
}

const NO_REASON = 'It wrote no reason to stderr: Rust does where it is built for wasm32-wasip2';

/* Rust, in which the runtimes of Python and QuickJS are written too. */

interface Panic {
  readonly message: string;
  readonly file: string;
  readonly line: string;
  /** What was said before it. */
  readonly before: readonly string[];
}

const PANIC_HEAD = /^thread '.{0,100}' (?:\(\d{1,20}\) )?panicked at (.{1,500}):(\d{1,9}):\d{1,9}:$/;

function panicOf({ lines }: CrashEvidence): Panic | undefined {
  const at = lastIndex(lines, (line) => PANIC_HEAD.test(line));
  const [, file, line] = PANIC_HEAD.exec(lines[at] ?? '') ?? [];
  if (file === undefined || line === undefined) return undefined;
  const rest = lines.slice(at + 1);
  const note = rest.findIndex((each) => each.startsWith('note: run with'));
  return { message: joined(note < 0 ? rest : rest.slice(0, note)), file, line, before: lines.slice(0, at) };
}

function rust(evidence: CrashEvidence): Finding | undefined {
  const panic = panicOf(evidence);
  if (!panic) return undefined;
  return {
    what: panic.message === '' ? 'it panicked' : panic.message,
    where: `${fileName(panic.file)} line ${panic.line}`,
    advice: 'Return an Err instead of panicking to report a failure and keep the state',
  };
}

/* Python: componentize-py prints an exception, and panics; of a value that has no place in WIT it prints the conversion only. */

const UNEXPECTED = 'Python function threw an unexpected exception';
const PYTHON_FRAME = /^ {2}File "(.{1,300})", line (\d{1,9}), in (.{1,100})$/;
/** Folders in which componentize-py has what the author did not write. */
const NOT_THE_AUTHORS = /^(?:\/world\/|\/python\/|\/bundled\/|<)/;

const KEEP_STATE = 'Raise componentize_py_types.Err with a text to report a failure and keep the state';
const CATCH_IT = 'Catch it around the call: except Err as failure: raise Err(str(failure.value))';
const IMPORT_IT =
  'Import it at the top of the file, also what a library imports late: imports are resolved when the component is built';

function python(evidence: CrashEvidence): Finding | undefined {
  const panic = panicOf(evidence);
  if (panic?.message !== UNEXPECTED) return undefined;
  const start = panic.before.lastIndexOf('Traceback (most recent call last):');
  const traceback = panic.before.slice(start + 1);
  const last = lastIndex(traceback, (line) => PYTHON_FRAME.test(line));
  // Source lines, marks below them and "[Previous line repeated …]" are indented, an exception is not.
  const text = traceback.slice(last + 1);
  const what = joined(text.slice(text.findIndex((line) => !line.startsWith('  '))));
  const name = /^[\w.]{1,200}/.exec(what)?.[0].split('.').at(-1) ?? '';
  return {
    what: what === '' ? 'an exception without a text' : what,
    where: pythonPlace(traceback),
    advice: exceptionAdvice(name),
    outOfMemory: name === 'MemoryError',
  };
}

function pythonPlace(traceback: readonly string[]): string | undefined {
  const frames = traceback.flatMap((line) => {
    const [, file = '', number = '', func = ''] = PYTHON_FRAME.exec(line) ?? [];
    return file === '' ? [] : [{ file, text: `${fileName(file)} line ${number}, in ${func}` }];
  });
  return (frames.filter(({ file }) => !NOT_THE_AUTHORS.test(file)).at(-1) ?? frames.at(-1))?.text;
}

function exceptionAdvice(name: string): string | undefined {
  switch (name) {
    case 'ModuleNotFoundError':
    case 'ImportError':
      return IMPORT_IT;
    case 'Err':
      return 'Catch it: this function can return no error';
    case 'MemoryError':
      return undefined;
    default:
      return KEEP_STATE;
  }
}

const CONVERSION = /^called `Result::unwrap\(\)` on an `Err` value: (?:PyErr|CastError) \{ /;
const CAST = /^.{0,80}CastError \{ from: (.*), classinfo: <class '(\w{1,40})'>/s;
const RAISED = /^.{0,80}PyErr \{ type: <class '\w{1,60}'>, value: (.*?), traceback: /s;
const POPPED = /\bwit_dylib_(?:maybe_)?pop_(\w{1,40})$/;
const ADAPTER = /^adapter (.{1,80})$/;

/** By the name that componentize-py's runtime has for each type of WIT. */
const BELONGS: Readonly<Record<string, string>> = {
  u8: 'an int from 0 to 255',
  u16: 'an int from 0 to 65535',
  u32: 'an int from 0 to 4294967295',
  u64: 'an int from 0 to 18446744073709551615',
  s8: 'an int from -128 to 127',
  s16: 'an int from -32768 to 32767',
  s32: 'an int from -2147483648 to 2147483647',
  s64: 'an int of 64 bits',
  f32: 'a number',
  f64: 'a number',
  char: 'a str of one character',
  string: 'a str',
  list: 'a list',
  tuple: 'a tuple',
  record: 'a record',
  variant: 'a case of the variant',
  enum: 'a case of the enum',
  flags: 'a set of flags',
};

/** What Python says of a value, with the value's type in it. */
const GIVEN = [
  /^'(\w{1,60})' object (?:cannot be interpreted|is not an instance|has no attribute)/,
  /^'(None)' is not an instance/,
  /^must be real number, not (\w{1,60})/,
] as const;

function pythonConversion(evidence: CrashEvidence): Finding | undefined {
  const panic = panicOf(evidence);
  const popped = firstMatch(evidence.frames, POPPED);
  if (!panic || (popped === undefined && !CONVERSION.test(panic.message))) return undefined;
  const [, repr, wanted] = CAST.exec(panic.message) ?? [];
  const said = pythonText(RAISED.exec(panic.message)?.[1] ?? (repr === undefined ? panic.message : ''));
  const given = repr === undefined ? typeIn(said) : typeOfRepr(repr);
  if (given?.startsWith('DeviceError_') && evidence.refusal) {
    const { call, text } = evidence.refusal;
    return { what: `${call} failed and the plugin did not catch it: ${text}`, advice: CATCH_IT };
  }
  const belongs = wanted === 'bytes' ? 'bytes' : (BELONGS[popped ?? ''] ?? expectedBy(said));
  const called = firstMatch(evidence.frames, ADAPTER);
  const mayBeError = belongs === 'a str' && called === undefined;
  const value = given === undefined ? 'a value' : withArticle(given);
  const doing =
    called === undefined
      ? `${evidence.func} returned${mayBeError ? ', or raised in Err(…),' : ''} ${value}`
      : `it called ${called} with ${value}`;
  // What Python said adds nothing to "a float where an int belongs".
  const ofRange = given === 'int' && belongs.startsWith('an int');
  const detail = given === undefined || ofRange || popped === 'record' ? said : '';
  return {
    what: `${doing} where ${belongs} ${belongs === 'bytes' ? 'belong' : 'belongs'}${detail === '' ? '' : `: ${detail}`}`,
    advice: `${conversionAdvice(given, belongs, mayBeError)}. Python does not tell the line`,
  };
}

function conversionAdvice(given: string | undefined, belongs: string, mayBeError: boolean): string {
  if (belongs === 'bytes') return 'Write bytes([0xD0]), bytes.fromhex("d0") or text.encode()';
  if (belongs === 'a list') return listAdvice(given);
  if (belongs === 'a record') return 'Write the generated class, as in Reading(…)';
  if (belongs === 'a number') return 'Write float(…)';
  if (belongs === 'a tuple') return 'Write (…)';
  if (belongs === 'a str' && given === undefined)
    return 'Take out what is no valid Unicode: text.encode("utf-8", "replace").decode()';
  if (belongs === 'a str') return mayBeError ? 'Write str(…), and for an error raise Err(str(…))' : 'Write str(…)';
  if (belongs.startsWith('an int')) return given === 'float' ? 'Write int(…)' : 'Write int(…), within that range';
  return 'Write the type that the generated module has for it';
}

function listAdvice(given: string | undefined): string {
  switch (given) {
    case undefined:
      return 'Write […]';
    case 'None':
      return 'A return is missing on some way through it: return [] where there is nothing';
    case 'tuple':
      return 'Write […], not (…)';
    case 'Err':
      return 'Write raise Err(…), not return';
    case 'Ok':
      return 'Return the value itself, without Ok(…)';
    default:
      return /^[A-Z]/.test(given) ? `Write [${given}(…)]` : 'Write list(…)';
  }
}

/** Of a message of Python's, the type of the value that it is about. */
function typeIn(said: string): string | undefined {
  // "out of range …", "can't convert negative int …", "int too big to convert"
  if (/\bint\b|\bintegral\b/.test(said) && !said.startsWith("'")) return 'int';
  for (const form of GIVEN) {
    const type = form.exec(said)?.[1];
    if (type !== undefined) return type.slice(0, MAX_GIVEN_LENGTH);
  }
  return undefined;
}

/** Of `repr(…)`, or its beginning, the type that it shows. */
const REPRS: readonly (readonly [RegExp, string | undefined])[] = [
  [/^None\b/, 'None'],
  [/^\(/, 'tuple'],
  [/^\[/, 'list'],
  [/^\{/, 'dict'],
  [/^["']/, 'str'],
  [/^b["']/, 'bytes'],
  [/^(?:True|False)\b/, 'bool'],
  [/^-?\d+\.|^-?(?:nan|inf)\b/, 'float'],
  [/^-?\d/, 'int'],
  [/^<?(?:\w{1,60}\.)*(\w{1,60})[( ]/, undefined],
];

function typeOfRepr(repr: string): string | undefined {
  for (const [form, type] of REPRS) {
    const found = form.exec(repr);
    if (found) return type ?? found[1]?.slice(0, MAX_GIVEN_LENGTH);
  }
  return undefined;
}

/** Where the runtime's own functions have no names: of a stripped component. */
function expectedBy(said: string): string {
  if (said.includes('as an integer')) return 'an int';
  if (said.includes("instance of 'str'")) return 'a str';
  return said.includes('real number') ? 'a number' : 'another type';
}

/** `TypeError("text")` as `text`. */
function pythonText(said: string): string {
  return /^\w{1,60}\((["'])((?:\\.|(?!\1)[^\\])*)\1\)$/s.exec(said)?.[2]?.replaceAll("\\'", "'") ?? said;
}

/* JavaScript: QuickJS of componentize-qjs passes the text of an Error on, StarlingMonkey of componentize-js does not. */

const CHECK_TYPES = 'Check that each function gives and returns what its WIT says';
const THROW = 'catch (error) { throw String(error.payload?.val ?? error) }';
const FROM_JS = /^expected (\w{1,40})(?:: FromJs \{ from: "(\w{1,40})", to: "(\w{1,40})")?/;

function quickJs(evidence: CrashEvidence): Finding | undefined {
  const panic = panicOf(evidence);
  if (!panic?.file.endsWith('runtime/src/call.rs')) return undefined;
  const [, expected, from = 'something else', to = expected] = FROM_JS.exec(panic.message) ?? [];
  if (to === undefined) return undefined;
  const given = from === 'big_int' ? 'BigInt' : from;
  const belongs = to === 'f64' ? 'number' : to;
  return {
    what: `it gave ${withArticle(given)} where ${withArticle(belongs)} belongs`,
    advice: quickJsAdvice(given, belongs),
  };
}

function quickJsAdvice(given: string, belongs: string): string {
  if (given === 'BigInt') return 'Write Number(…)';
  return belongs === 'string' ? `Throw an Error or a text, as in ${THROW}` : CHECK_TYPES;
}

const STARLING_ABORT = 'Redirecting call to abort() to mozalloc_abort';
const STARLING_FRAME = /^ {2}(.{0,100})@(.{1,300}):(\d{1,9}):\d{1,9}$/;
const NO_TEXT = /^expected a string, received \[(\w{1,40})\]/;
const THROW_TEXT = `This JavaScript runtime loses the text of a thrown Error: throw a text, as in ${THROW}`;

function starlingMonkey({ lines }: CrashEvidence): Finding | undefined {
  if (!lines.includes(STARLING_ABORT)) return undefined;
  const stack = lines.lastIndexOf('Stack:');
  const message = lines[stack - 1] ?? '';
  const thrown = NO_TEXT.exec(message)?.[1];
  if (thrown !== undefined)
    return { what: `it threw or gave ${withArticle(thrown)} where a text belongs`, advice: THROW_TEXT };
  const places = lines.slice(stack + 1).flatMap((line) => {
    const [, func = '', file = '', number = ''] = STARLING_FRAME.exec(line) ?? [];
    // The one file that componentize-js adds.
    return file === '' || file.endsWith('/initializer.js') ? [] : [`${fileName(file)} line ${number}, in ${func}`];
  });
  return {
    what: message === '' ? 'it aborted' : message,
    where: places[0],
    advice: message.includes('BigInt') ? 'Give integers of 64 bits as BigInt(Math.round(…))' : CHECK_TYPES,
  };
}

/* Go, and TinyGo, which prints the first line only. */

const GO_PANIC = /^(?:panic|fatal error): /;
const GO_PLACE = /^\t(.{1,400}):(\d{1,9})(?: \+0x|$)/;
const GO_RUNTIME = /^(?:panic|runtime\.)/;

function go({ lines }: CrashEvidence): Finding | undefined {
  const at = lastIndex(lines, (line) => GO_PANIC.test(line));
  if (at < 0) return undefined;
  const rest = lines.slice(at);
  const end = rest.findIndex((line) => line.trim() === '');
  const what = joined(end < 0 ? rest.slice(0, 1) : rest.slice(0, end));
  const places = rest.flatMap((line, i) => {
    const [, file = '', number = ''] = GO_PLACE.exec(line) ?? [];
    const func = (rest[i - 1] ?? '').replace(/\(.*$/s, '');
    return file === '' || GO_RUNTIME.test(func) ? [] : [`${fileName(file)} line ${number}, in ${func}`];
  });
  return {
    what,
    where: places[0],
    advice: 'Return an error instead of panicking to report a failure and keep the state',
    outOfMemory: what.startsWith('fatal error: out of memory') || what.includes('runtime: cannot allocate memory'),
  };
}

/** Of a text of many lines, as many as are shown. */
function joined(lines: readonly string[]): string {
  return lines
    .slice(0, MAX_JOINED_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** As the author knows it: no folder of the machine on which it was built. */
function fileName(path: string): string {
  const inside = path.replace(/^\/\d{1,9}\//, '');
  return /^(?:[A-Za-z]:)?[\\/]/.test(inside) ? inside.replace(/^.*[\\/]/s, '') : inside;
}

function withArticle(type: string): string {
  if (type === 'None' || type === 'undefined' || type === 'null' || type === 'something else') return type;
  return `${/^[aeiou]/i.test(type) ? 'an' : 'a'} ${type}`;
}

function firstMatch(texts: readonly string[], form: RegExp): string | undefined {
  for (const text of texts) {
    const found = form.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function lastIndex(lines: readonly string[], holds: (line: string) => boolean): number {
  for (let i = lines.length - 1; i >= 0; i -= 1) if (holds(lines[i] ?? '')) return i;
  return -1;
}
