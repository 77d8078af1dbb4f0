/** The header of a plugin's table as host.toml has it: a name with a dot in it must be quoted there. */
export function pluginTable(plugin: string, part?: 'grants' | 'limits'): string {
  const name = /^[A-Za-z0-9_-]+$/.test(plugin) ? plugin : JSON.stringify(plugin);
  return `[plugins.${name}${part === undefined ? '' : `.${part}`}]`;
}
