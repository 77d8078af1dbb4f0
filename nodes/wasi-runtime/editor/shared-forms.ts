/** What the forms of the other nodes take from this bundle, as `window.edgeWasi`. */
import { takeOnlyRuntime } from './only-runtime';
import { PluginField, type PluginFieldOptions } from './plugin-field';
import { path, seconds, type Validator, whole, wrongPoints } from './validators';

export interface SharedForms {
  /** Turns a text field into a list of the plugins that the chosen runtime knows, with their state below it. */
  pluginField(options: PluginFieldOptions): { close(): void };
  /** As a node's `onadd`. */
  readonly takeOnlyRuntime: typeof takeOnlyRuntime;
  readonly whole: typeof whole;
  readonly seconds: Validator;
  readonly path: Validator;
  readonly wrongPoints: typeof wrongPoints;
}

export const sharedForms: SharedForms = {
  pluginField: (options) => new PluginField(options),
  takeOnlyRuntime,
  whole,
  seconds,
  path,
  wrongPoints,
};
