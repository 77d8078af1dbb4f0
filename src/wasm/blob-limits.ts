/** What the parts of a prepared component have at most. Nothing larger is written, and nothing larger is read. */

/** Five times a Python plugin's. Types that double with each name make 36 MB of JavaScript out of 360 bytes of component. */
export const MAX_GLUE_BYTES = 8 * 2 ** 20;
/** The same as a script, in which names are longer. */
export const MAX_SCRIPT_BYTES = 2 * MAX_GLUE_BYTES;
/** A component's file has 192 MiB at most; what it is interrupted by comes on top. */
export const MAX_MODULE_BYTES = 256 * 2 ** 20;
