/**
 * Which functions a trap came through: the names that a component gives to its own, innermost first. They tell what a
 * language's runtime was doing, where what it printed does not. Hostile as any text of a guest, and missing where a
 * component was stripped.
 */

/** Python's runtime is called thirty frames above the panic that ends it. */
const TRACED_FRAMES = 48;
const MAX_NAME_LENGTH = 100;

/** For a guest's thread, before its first call: V8 remembers ten frames otherwise. */
export function traceTraps(): void {
  Error.stackTraceLimit = TRACED_FRAMES;
}

/** Empty where the stack was looked at before. V8 makes the call sites when it is looked at first. */
export function framesOf(error: Error): readonly string[] {
  const names: string[] = [];
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => {
    for (const site of sites) names.push((site.getFunctionName() ?? '').slice(0, MAX_NAME_LENGTH));
    return '';
  };
  try {
    void error.stack;
  } finally {
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
  return names;
}
