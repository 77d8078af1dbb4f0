/**
 * The form of a wasi-runtime, from its opening to its closing: the tabs and what they show. What the form writes goes to
 * the deployed runtime at once (reload, host.toml as a file, uploads) or, for a text that the node keeps, into the
 * editor, where it holds after the next deploy. Texts that nobody saved are asked about when the form is closed.
 */
import { editText, type PluginChange, RequestRefused, RuntimeRequests, type TextEdit } from './admin-api';
import { element, say, show } from './elements';
import { describe } from './outcome';
import { PluginTable } from './plugin-table';
import { Refresh } from './refresh';
import type { RuntimeView } from './runtime-view';
import { SettingsPane, type Source } from './settings-pane';
import { TabList } from './tab-list';
import { text } from './texts';
import { UploadPanel } from './upload-panel';

const WRITE = 'wasi-runtime.write';
const PANES = { plugins: 'edge-wasi-plugins', settings: 'edge-wasi-settings', general: 'edge-wasi-general' } as const;
const NOT_FOUND = 404;
const MIB = 2 ** 20;

export class RuntimeForm {
  readonly #mayWrite = RED.user.hasPermission(WRITE);
  readonly #requests: RuntimeRequests;
  readonly #settings: SettingsPane;
  readonly #table: PluginTable;
  readonly #upload: UploadPanel;
  readonly #refresh: Refresh;
  readonly #tabs: TabList;
  readonly #storage = element('p', { class: 'edge-wasi-note edge-wasi-bad', id: 'edge-wasi-storage', role: 'status' });
  readonly #phase = element('p', { class: 'edge-wasi-note', id: 'edge-wasi-phase', role: 'status' });
  readonly #source: HTMLSelectElement;
  #isFirstView = true;

  constructor(runtimeId: string) {
    this.#requests = new RuntimeRequests(runtimeId);
    const inline = field('configText');
    this.#settings = new SettingsPane(place('edge-wasi-host-toml'), this.#requests, this.#mayWrite, inline.value);
    this.#table = new PluginTable({
      mayWrite: this.#mayWrite,
      reload: (plugin) => this.#reload(plugin),
      change: (plugin, edit) => this.#change(plugin, edit),
      remove: (plugin) => this.#remove(plugin),
    });
    this.#upload = new UploadPanel(this.#requests, () => this.#written());
    place(PANES.plugins).replaceChildren(...this.#pluginsPane());
    const ids = Object.entries(PANES).map(([tab, id]) => ({ id, label: text(`tab.${tab}`) }));
    this.#tabs = new TabList(place('edge-wasi-tabs'), ids, (id) => {
      if (id === PANES.settings) this.#settings.resize();
    });
    this.#tabs.show(PANES.plugins);
    this.#source = choice('configSource');
    this.#source.addEventListener('change', () => this.#showSource());
    this.#showSource();
    this.#refresh = new Refresh(this.#requests, {
      view: (view) => this.#show(view),
      failed: (error) => this.#failed(error),
    });
  }

  resize(): void {
    this.#settings.resize();
  }

  /** Done: the node keeps its text; a file that is not saved is asked about. */
  save(): void {
    field('configText').value = this.#settings.inlineText;
    const save = this.#settings.pendingSave;
    this.close();
    if (save !== undefined) askToSave(save);
  }

  close(): void {
    this.#refresh.close();
    this.#upload.close();
    this.#settings.close();
  }

  #pluginsPane(): readonly HTMLElement[] {
    show(this.#table.element, false);
    show(this.#upload.element, false);
    show(this.#storage, false);
    const note = this.#mayWrite ? [] : [element('p', { class: 'edge-wasi-note' }, text('readOnly'))];
    return [this.#phase, this.#storage, ...note, this.#table.element, this.#upload.element];
  }

  #showSource(): void {
    const source: Source = this.#source.value === 'inline' ? 'inline' : 'file';
    for (const row of document.querySelectorAll<HTMLElement>('.edge-wasi-file-row')) show(row, source === 'file');
    this.#settings.show(source);
  }

  #show(view: RuntimeView): void {
    const isKnown = view.phase === 'open';
    say(this.#phase, phaseWords(view));
    this.#phase.classList.toggle('edge-wasi-bad', view.phase === 'failed');
    const storage = storageWords(view);
    say(this.#storage, storage);
    show(this.#storage, storage !== '');
    show(this.#table.element, isKnown);
    show(this.#upload.element, isKnown && this.#mayWrite);
    this.#table.update(view.plugins);
    if (this.#isFirstView && view.phase === 'absent') this.#tabs.show(PANES.general);
    this.#isFirstView = false;
  }

  #failed(error: unknown): void {
    const isAbsent = error instanceof RequestRefused && error.status === NOT_FOUND;
    say(this.#phase, isAbsent ? text('phase.absent') : describe(error));
  }

  async #reload(plugin: string): Promise<string> {
    await this.#requests.reload(plugin);
    this.#refresh.now();
    return text('done.reload');
  }

  /** Its row goes, and what was said in it: so it is said to the whole editor. */
  async #remove(plugin: string): Promise<string> {
    const { removed, left } = await this.#requests.remove(plugin);
    const what = removed === undefined ? text('done.removed', { plugin }) : text('done.removedFile', { path: removed });
    let rest = left ?? '';
    if (left !== undefined && this.#settings.source === 'inline') {
      await this.#changeInline(plugin, { removed: true });
      rest = text('done.inline');
    }
    this.#written();
    const words = [what, rest].filter(Boolean).join(' ');
    RED.notify(asHtml(words), { type: left === undefined ? 'success' : 'warning', timeout: 10_000 });
    return words;
  }

  async #change(plugin: string, edit: PluginChange): Promise<string> {
    if (this.#settings.source === 'inline') {
      await this.#changeInline(plugin, edit);
      return text('done.inline');
    }
    const { written } =
      'enabled' in edit
        ? await this.#requests.setEnabled(plugin, edit.enabled)
        : await this.#requests.setGrants(plugin, edit.lines);
    this.#written();
    return text('done.written', { path: written });
  }

  /** Once more where it became another text meanwhile: by another plugin's button, or as somebody typed. */
  async #changeInline(plugin: string, edit: TextEdit): Promise<void> {
    for (;;) {
      const before = this.#settings.inlineText;
      const changed = await editText(before, plugin, edit);
      if (this.#settings.inlineText !== before) continue;
      this.#settings.inlineText = changed.text;
      return;
    }
  }

  #written(): void {
    this.#refresh.now();
    this.#settings.reread();
  }
}

function askToSave(save: () => Promise<unknown>): void {
  const asked = RED.notify(text('unsaved.question'), {
    type: 'warning',
    fixed: true,
    modal: true,
    buttons: [
      { text: text('unsaved.discard'), click: () => asked.close() },
      {
        text: text('file.save'),
        class: 'primary',
        click: () => {
          asked.close();
          save().then(
            () => RED.notify(text('file.saved'), { type: 'success' }),
            (error: unknown) => RED.notify(asHtml(describe(error)), { type: 'error', fixed: true, timeout: 10_000 }),
          );
        },
      },
    ],
  });
}

/** A notification is HTML; a message may name what somebody wrote into host.toml. */
function asHtml(words: string): string {
  return element('span', {}, words).innerHTML;
}

function phaseWords({ phase, error, hardware, config, pluginDir }: RuntimeView): string {
  if (phase === 'failed' && error !== undefined) return `${text('phase.failed')} ${error.message}`;
  if (phase !== 'open') return text(`phase.${phase}`);
  const device = hardware === undefined ? '' : text(`device.${hardware.kind}`, { model: hardware.model ?? '' });
  const settings = config === undefined ? '' : text(`config.${config.kind}`, { path: config.path ?? '' });
  return [device, settings, pluginDir === undefined ? '' : text('pluginDir', { path: pluginDir })]
    .filter(Boolean)
    .join(' · ');
}

/** What is not on the disk, each with its reason and what to do; "" where there is nothing to say. */
function storageWords({ storage }: RuntimeView): string {
  switch (storage?.status) {
    case 'failing':
      return [text('storage.failing'), ...storage.notKept.map(({ message }) => `${message}.`)].join(' ');
    case 'low':
      return text('storage.low', { free: String(Math.floor((storage.freeBytes ?? 0) / MIB)) });
    case 'ok':
    case undefined:
      return '';
  }
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the form has no #${id}`);
  return found;
}

function field(property: string): HTMLInputElement {
  const found = place(`node-config-input-${property}`);
  if (found instanceof HTMLInputElement) return found;
  throw new Error(`${property} is no input`);
}

function choice(property: string): HTMLSelectElement {
  const found = place(`node-config-input-${property}`);
  if (found instanceof HTMLSelectElement) return found;
  throw new Error(`${property} is no select`);
}
