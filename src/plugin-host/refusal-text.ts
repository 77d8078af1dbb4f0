/** Why a component was refused before any of it ran, and what its author or the administrator does about it. */
import type { Refusal } from '../capabilities/import-check';
import { WasiError } from '../errors/wasi-error';
import { grantLines } from '../host-config/grant-lines';
import type { PluginConfig } from '../host-config/host-config';

type RefusedPlugin = Pick<PluginConfig, 'name' | 'grants' | 'table'>;

/** More than one plugin imports; a component may import ten thousand. */
const SHOWN_NAMES = 16;
const HTTP = 'wasi:http/';
/** The JavaScript engine of these tools brings `fetch` along, used or not. */
const WITHOUT_HTTP =
  'A JavaScript component imports wasi:http unless it is built without: "jco componentize … --disable http", or disableFeatures: ["http"] of componentize-js';
const WORLD = 'a world of edge:plugin@1.0.0 (wit/worlds.wit of this package), e.g. sensor-plugin';

/**
 * Names the refused interfaces. Lines of host.toml are given only where they would let the plugin run: what needs
 * another build needs that first. They are a whole table with what is granted already, under the plugin's name as host.toml
 * writes it: pasted where the text says, they make a valid file.
 */
export function refusal({ name, grants, table }: RefusedPlugin, refusals: readonly Refusal[]): WasiError {
  const names = refusals.map((each) => each.name);
  const what = `it imports ${fewOf(names)}, which it was not granted`;
  const remedies = [...unknownRemedy(refusals), ...versionRemedies(refusals)];
  if (remedies.length > 0) return new WasiError('CAPABILITY_DENIED', `${what}. ${remedies.join('. ')}`);
  const place = table?.hasGrants
    ? 'replace the grants of this plugin in host.toml with these lines'
    : 'add these lines at the end of host.toml';
  const hostToml = grantLines(table?.key ?? name, names, grants);
  return new WasiError('CAPABILITY_DENIED', `${what}. To allow it, ${place}:`, { hostToml });
}

function unknownRemedy(refusals: readonly Refusal[]): string[] {
  const names = refusals.filter(({ kind }) => kind === 'unknown').map(({ name }) => name);
  if (names.length === 0) return [];
  const http = names.some((name) => name.startsWith(HTTP)) ? `. ${WITHOUT_HTTP}` : '';
  return [
    `Nothing in host.toml can grant ${fewOf(names)}: build the plugin for ${WORLD}, and use what that imports${http}`,
  ];
}

function versionRemedies(refusals: readonly Refusal[]): string[] {
  const spoken = new Set(refusals.flatMap((refusal) => (refusal.kind === 'other-version' ? [refusal.spoken] : [])));
  return [...spoken].map((versions) => `Of this, ${versionRemedy(versions)}`);
}

/** `spoken`: a package and its versions, `edge:plugin 1.x`. */
export function versionRemedy(spoken: string): string {
  return `this package speaks ${spoken} only: build the plugin again, for ${WORLD} and WASI 0.2 (target wasm32-wasip2), or update this package`;
}

/** Names of a component, no more of them than a message may hold. */
export function fewOf(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
