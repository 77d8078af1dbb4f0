/** What a dashboard guest rendered, as a page. Throws PLUGIN_ERROR for what is none. */

import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';

/** A page is text, and no longer than a browser takes well. */
const MAX_PAGE_CHARACTERS = 2 * 2 ** 20;

export function asPage(plugin: string): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string')
      throw new WasiError('PLUGIN_ERROR', `${plugin} returned ${typeof value} where a page was wanted`);
    if (value.length > MAX_PAGE_CHARACTERS)
      throw new WasiError(
        'PLUGIN_ERROR',
        `${plugin} returned a page of ${value.length} characters; at most ${MAX_PAGE_CHARACTERS} ${FIXED}`,
      );
    return value;
  };
}
