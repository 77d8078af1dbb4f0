/**
 * What the admin API answers (below `edge-wasi/`). Everything that a plugin's author or a guest could have written in it
 * (names, imports, messages) is text: the form never puts it into the page as HTML.
 */

import type { ImportView, PluginView, Removed } from '../../../src/runtime-api/admin-api';
import type { PluginCondition, PluginStateKind, PluginSummary } from '../../../src/runtime-api/plugin-summary';
import type { RuntimeView } from '../runtime-view';

export type { ImportView, PluginCondition, PluginStateKind, PluginSummary, PluginView, Removed, RuntimeView };

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly revision: string;
  readonly exists: boolean;
}

/** Lines and columns count from 1; no line: it is about the text as a whole. */
export interface Problem {
  readonly line?: number;
  readonly column?: number;
  readonly text: string;
}

export interface CheckedText {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export type Upload =
  | { readonly state: 'inspecting' }
  | InspectedUpload
  | { readonly state: 'refused'; readonly code: string; readonly message: string };

export interface InspectedUpload {
  readonly state: 'inspected';
  readonly plugin: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly role: PluginSummary['role'];
  readonly exports: readonly string[];
  readonly imports: readonly ImportView[];
  /** The grants it asks for, a line each. */
  readonly lines: string;
  readonly replaces: 'nothing' | 'bundled' | 'file';
}

/** Why a request was refused: `lines` is what to write into host.toml by hand, `problems` what is wrong in a text. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly lines?: string;
  readonly problems?: readonly Problem[];
}
