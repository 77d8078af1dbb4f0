/**
 * Granting: the exact lines that will stand in the plugin's grants table, to be read and changed before they are written.
 * They begin as what is granted now and what is asked for besides.
 */
import { button, element, show } from './elements';
import { proposedGrants } from './grant-lines';
import { Outcome } from './outcome';
import type { PluginView } from './runtime-view';
import { text } from './texts';

export class GrantPanel {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly #lines: HTMLTextAreaElement;
  readonly #outcome = new Outcome();
  #proposed = '';

  constructor(plugin: string, write: (lines: string) => Promise<string>) {
    const id = `edge-wasi-grants-${plugin}`;
    this.#lines = element('textarea', { id, rows: '4', spellcheck: 'false', class: 'edge-wasi-toml' });
    const save = button(text('grant.write'), 'check', () => {
      void this.#outcome.of(() => write(this.#lines.value), save);
    });
    const cancel = button(text('grant.cancel'), 'times', () => this.#open(false));
    this.element = element(
      'div',
      { class: 'edge-wasi-panel' },
      element('label', { for: id }, text('grant.lines', { plugin })),
      this.#lines,
      element('p', { class: 'edge-wasi-note' }, text('grant.note')),
      element('div', { class: 'edge-wasi-buttons' }, save, cancel),
      this.#outcome.element,
    );
    this.element.hidden = true;
    this.button = button(text('grant.open'), 'key', () => this.#open(this.element.hidden === true));
    this.button.setAttribute('aria-expanded', 'false');
  }

  update(plugin: PluginView): void {
    this.#proposed = proposedGrants(plugin);
    show(
      this.button,
      plugin.imports.some(({ access }) => access === 'missing' || access === 'granted'),
    );
  }

  #open(open: boolean): void {
    show(this.element, open);
    this.button.setAttribute('aria-expanded', String(open));
    this.#outcome.clear();
    if (open) this.#lines.value = this.#proposed;
    (open ? this.#lines : this.button).focus();
  }
}
