/**
 * The TOML parser. smol-toml ships CommonJS beside its ES module, but one set of types, which the compiler takes for
 * the ES module's and refuses to `require`: here its types are named apart from its code.
 */
const smolToml: typeof import('smol-toml', { with: { 'resolution-mode': 'import' }}) = require('smol-toml');

export const { parse, TomlError } = smolToml;
