/**
 * host.toml: the node's own text, or the file of the deployed runtime, in one editor. Each keeps its text while the
 * other is looked at. What is typed is checked half a second later; the file is saved by a button of its own, and only
 * if nobody else changed it since it was read.
 */
import { checkText, RequestRefused, type RuntimeRequests } from './admin-api';
import { button, element, say, show } from './elements';
import { describe, Outcome } from './outcome';
import { ProblemList } from './problem-list';
import type { CheckedText } from './runtime-view';
import { text } from './texts';
import { type Mark, TomlEditor } from './toml-editor';

const CHECK_AFTER_MS = 500;
const CONFLICT = 409;

export type Source = 'file' | 'inline';

/** The file as it was last read or saved; none: not looked yet, or there is none to be had. */
type FileState =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly text: string; readonly revision: string };

export class SettingsPane {
  readonly #editor: TomlEditor;
  readonly #problems: ProblemList;
  readonly #outcome = new Outcome();
  readonly #about = element('p', { class: 'edge-wasi-note', id: 'edge-wasi-config-about' });
  readonly #save: HTMLButtonElement;
  readonly #reread: HTMLButtonElement;
  readonly #texts: Record<Source, string>;
  readonly #place: HTMLElement;
  #source: Source = 'file';
  #file: FileState = { kind: 'none' };
  #timer: number | undefined;
  #check = 0;

  constructor(
    place: HTMLElement,
    readonly requests: RuntimeRequests,
    readonly mayWrite: boolean,
    inlineText: string,
  ) {
    this.#texts = { file: '', inline: inlineText };
    this.#problems = new ProblemList((problem) => this.#editor.jumpTo(problem));
    this.#save = button(text('file.save'), 'floppy-o', () => void this.#saveClicked());
    this.#reread = button(text('file.reread'), 'refresh', () => void this.#read());
    const buttons = element('div', { class: 'edge-wasi-buttons' }, this.#save, this.#reread);
    this.#place = element('div', { class: 'node-text-editor', id: 'edge-wasi-toml' });
    place.replaceChildren(this.#about, this.#place, this.#problems.element, buttons, this.#outcome.element);
    this.#editor = new TomlEditor(this.#place, () => this.#changed(), text('file.label'));
  }

  get source(): Source {
    return this.#source;
  }

  /** The text that the node itself keeps. */
  get inlineText(): string {
    return this.#source === 'inline' ? this.#editor.text : this.#texts.inline;
  }

  set inlineText(value: string) {
    this.#texts.inline = value;
    if (this.#source === 'inline') this.#editor.text = value;
  }

  /** Saves what is not saved, also once the form is closed; undefined: there is nothing to save. */
  get pendingSave(): (() => Promise<unknown>) | undefined {
    const file = this.#file;
    if (!this.mayWrite || !this.isUnsaved || file.kind !== 'read') return undefined;
    const toml = this.#fileText;
    return () => saveFile(this.requests, toml, file.revision);
  }

  get isUnsaved(): boolean {
    return this.#file.kind === 'read' && this.#fileText !== this.#file.text;
  }

  get #fileText(): string {
    return this.#source === 'file' ? this.#editor.text : this.#texts.file;
  }

  show(source: Source): void {
    this.#texts[this.#source] = this.#editor.text;
    this.#source = source;
    this.#editor.text = this.#texts[source];
    this.#outcome.clear();
    this.#buttons();
    if (source === 'inline') say(this.#about, text('file.inline'));
    else if (this.#file.kind === 'none') void this.#read();
    this.#checkSoon(0);
  }

  /** The file may have been written by a button of the form; text that is not saved is kept. */
  reread(): void {
    if (this.#source === 'file' && !this.isUnsaved) void this.#read(() => !this.isUnsaved);
  }

  resize(): void {
    this.#editor.resize();
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#check += 1;
    this.#editor.close();
  }

  async #saveClicked(): Promise<void> {
    await this.#outcome.of(() => this.#saveNow(), this.#save);
    this.#buttons();
  }

  async #saveNow(): Promise<string> {
    if (this.#file.kind !== 'read') return '';
    const toml = this.#fileText;
    const { revision } = await saveFile(this.requests, toml, this.#file.revision);
    this.#file = { kind: 'read', text: toml, revision };
    return text('file.saved');
  }

  /** `mayReplace`: asked once it was read, as somebody may type meanwhile. */
  async #read(mayReplace = () => true): Promise<void> {
    this.#outcome.clear();
    try {
      const { path, text: read, revision, exists } = await this.requests.config();
      if (!mayReplace()) return;
      this.#file = { kind: 'read', text: read, revision };
      this.#texts.file = read;
      if (this.#source !== 'file') return;
      this.#editor.text = read;
      say(this.#about, text(exists ? 'file.path' : 'file.absent', { path }));
    } catch (error) {
      this.#file = { kind: 'none' };
      if (this.#source === 'file') say(this.#about, unreadable(error));
    }
    this.#buttons();
  }

  #buttons(): void {
    const isFile = this.#source === 'file' && this.#file.kind === 'read';
    show(this.#save, isFile && this.mayWrite);
    show(this.#reread, isFile);
    show(this.#place, isFile || this.#source === 'inline');
    this.#save.disabled = !this.isUnsaved;
    this.#editor.readOnly = this.#source === 'file' && !(isFile && this.mayWrite);
  }

  #changed(): void {
    this.#save.disabled = !this.isUnsaved;
    this.#checkSoon(CHECK_AFTER_MS);
  }

  #checkSoon(afterMs: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#checkNow(), afterMs);
  }

  /** Only the newest answer counts. */
  async #checkNow(): Promise<void> {
    this.#check += 1;
    const mine = this.#check;
    try {
      const checked = await checkText(this.#editor.text);
      if (mine !== this.#check) return;
      const marks = marksOf(checked);
      this.#editor.mark(marks);
      this.#problems.show(marks);
    } catch (error) {
      if (mine === this.#check) this.#problems.show([{ severity: 'warning', text: describe(error) }]);
    }
  }
}

async function saveFile(requests: RuntimeRequests, toml: string, revision: string) {
  try {
    return await requests.saveConfig(toml, revision);
  } catch (error) {
    if (error instanceof RequestRefused && error.status === CONFLICT) await sayIfChanged(requests, revision);
    throw error;
  }
}

/** The same answer says that it may not be written at all. */
async function sayIfChanged(requests: RuntimeRequests, revision: string): Promise<void> {
  const now = await requests.config();
  if (now.revision !== revision) throw new Error(text('file.conflict'));
}

function marksOf({ problems, warnings }: CheckedText): readonly Mark[] {
  return [
    ...problems.map((problem) => ({ ...problem, severity: 'error' as const })),
    ...warnings.map((warning) => ({ ...warning, severity: 'warning' as const })),
  ];
}

function unreadable(error: unknown): string {
  if (error instanceof RequestRefused && [404, CONFLICT].includes(error.status)) return text('file.deployFirst');
  return describe(error);
}
