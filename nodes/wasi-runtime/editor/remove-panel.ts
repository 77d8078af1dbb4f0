/**
 * Removing a plugin of the plugin folder: what goes, and what stays, is said first, and done only after a second click. One
 * that comes with the package has no such button.
 */
import { button, element, say, show } from './elements';
import { Outcome } from './outcome';
import type { PluginView } from './runtime-view';
import { text } from './texts';

export class RemovePanel {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly #question = element('p');
  readonly #note = element('p', { class: 'edge-wasi-note' }, text('remove.note'));
  readonly #outcome = new Outcome();

  constructor(plugin: string, remove: () => Promise<string>) {
    const confirm = button(text('remove.confirm', { plugin }), 'trash-o', () => {
      void this.#outcome.of(remove, confirm);
    });
    const cancel = button(text('grant.cancel'), 'times', () => this.#open(false));
    this.element = element(
      'div',
      { class: 'edge-wasi-panel', role: 'group', 'aria-label': text('remove.open') },
      this.#question,
      this.#note,
      element('div', { class: 'edge-wasi-buttons' }, confirm, cancel),
      this.#outcome.element,
    );
    this.element.hidden = true;
    this.button = button(text('remove.open'), 'trash-o', () => this.#open(this.element.hidden === true));
    this.button.setAttribute('aria-expanded', 'false');
  }

  update({ name, file, listed, hasBundled, origin }: PluginView): void {
    const isForgotten = file === undefined && listed && origin === 'missing';
    show(this.button, file !== undefined || isForgotten);
    show(this.#note, !hasBundled);
    say(this.#question, questionOf(name, file, listed, hasBundled));
  }

  #open(open: boolean): void {
    show(this.element, open);
    this.button.setAttribute('aria-expanded', String(open));
    this.#outcome.clear();
    if (!open) this.button.focus();
  }
}

function questionOf(plugin: string, file: string | undefined, listed: boolean, hasBundled: boolean): string {
  if (file === undefined) return text('remove.tables', { plugin });
  if (hasBundled) return text('remove.bundled', { file, plugin });
  return text(listed ? 'remove.listed' : 'remove.file', { file, plugin });
}
