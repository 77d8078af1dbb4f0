/**
 * What the admin API answers (below `edge-wasi/`). Everything that a plugin's author or a guest could have written in it
 * (names, imports, messages) is text: the form never puts it into the page as HTML.
 */
import type { PluginStateKind, PluginSummary } from '../../../src/plugin-summary';

export type { PluginStateKind, PluginSummary };

export interface ImportView {
  /** `edge:plugin/i2c@1.0.0` */
  readonly name: string;
  readonly access: 'free' | 'granted' | 'missing' | 'unknown';
  /** The line of host.toml that grants it. */
  readonly granted?: string;
}

export interface PluginView extends PluginSummary {
  readonly file?: string;
  readonly sizeBytes?: number;
  readonly sha256?: string;
  readonly pinned: boolean;
  readonly exports: readonly string[];
  readonly imports: readonly ImportView[];
  /** The grants that are missing, as lines of host.toml; "" where none is. */
  readonly lines: string;
  readonly limits: { readonly deadlineMs: number; readonly loadDeadlineMs: number; readonly memoryMb: number };
}

export type Phase = 'opening' | 'open' | 'failed' | 'closed' | 'absent';

export interface RuntimeView {
  readonly phase: Phase;
  readonly error?: Refusal;
  readonly hardware?: { readonly kind: 'simulated' | 'raspberry-pi' | 'revpi'; readonly model?: string };
  readonly pluginDir?: string;
  readonly config?: { readonly kind: 'file' | 'inline' | 'defaults'; readonly path?: string };
  readonly plugins: readonly PluginView[];
}

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
