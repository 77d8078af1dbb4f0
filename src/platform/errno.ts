/** The system's name of a failure (errno(3)), in errors of Node.js. */

/** `ENOENT`; undefined for an error of another kind. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** There is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

/** There is no such file or folder, or a file stands where the path needs a folder. */
export function isMissingPath(error: unknown): boolean {
  return isMissing(error) || errnoOf(error) === 'ENOTDIR';
}
