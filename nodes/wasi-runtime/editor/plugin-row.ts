/**
 * One plugin: a line of the table, and below it, folded away, all there is to know and to do about it.
 */
import { element, icon, mark, say, show } from './elements';
import type { PluginActions } from './plugin-actions';
import { PluginDetails } from './plugin-details';
import type { PluginView } from './runtime-view';
import { bytes, conditionWords, duration, errorWords } from './texts';

const COLUMNS = 4;

export class PluginRow {
  readonly elements: readonly HTMLTableRowElement[];
  readonly #toggle: HTMLButtonElement;
  readonly #chevron = icon('chevron-right');
  readonly #dot = element('span', { class: 'edge-wasi-dot', 'aria-hidden': 'true' });
  readonly #state = element('span');
  readonly #error = element('div', { class: 'edge-wasi-error' });
  readonly #latency = element('td', { class: 'edge-wasi-number' });
  readonly #memory = element('td', { class: 'edge-wasi-number' });
  readonly #folded: HTMLTableRowElement;
  readonly #details: PluginDetails;

  constructor(name: string, actions: PluginActions) {
    const id = `edge-wasi-plugin-${name}`;
    this.#details = new PluginDetails(name, actions);
    this.#toggle = element(
      'button',
      { type: 'button', class: 'edge-wasi-toggle', 'aria-expanded': 'false', 'aria-controls': id },
      this.#chevron,
      ` ${name}`,
    );
    this.#toggle.addEventListener('click', () => this.#fold());
    this.#folded = element(
      'tr',
      { id, class: 'edge-wasi-details' },
      element('td', { colspan: String(COLUMNS) }, this.#details.element),
    );
    this.#folded.hidden = true;
    const head = element('th', { scope: 'row' }, this.#toggle);
    const state = element('td', {}, this.#dot, ' ', this.#state, this.#error);
    this.elements = [element('tr', { 'data-plugin': name }, head, state, this.#latency, this.#memory), this.#folded];
  }

  update(plugin: PluginView): void {
    const { condition, latency, memoryBytes, lastError } = plugin;
    mark(this.#dot, 'data-state', condition);
    say(this.#state, conditionWords(condition));
    const failing = lastError !== undefined && condition !== 'disabled';
    // What a file is that cannot run, no code's few words say.
    const why = condition === 'invalid' ? lastError?.message : lastError && errorWords(lastError.code);
    say(this.#error, failing ? (why ?? '') : '');
    say(this.#latency, latency === undefined ? '–' : duration(latency.medianMs));
    say(this.#memory, memoryBytes === undefined ? '–' : bytes(memoryBytes));
    this.#details.update(plugin);
  }

  remove(): void {
    for (const each of this.elements) each.remove();
  }

  #fold(): void {
    const open = this.#folded.hidden === true;
    show(this.#folded, open);
    this.#toggle.setAttribute('aria-expanded', String(open));
    this.#chevron.className = open ? 'fa fa-chevron-down' : 'fa fa-chevron-right';
  }
}
