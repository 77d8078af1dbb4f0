/** The system's name of what went wrong (errno(3)), of errors that Node.js made of it. */

/** `ENOENT`; undefined for an error of another kind. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** There is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}
