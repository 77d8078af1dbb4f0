/** The plugins a runtime knows, a row each, in its order. A row lives as long as its plugin is known. */
import { element } from './elements';
import type { PluginActions } from './plugin-actions';
import { PluginRow } from './plugin-row';
import type { PluginView } from './runtime-view';
import { text } from './texts';

const COLUMNS = ['plugin', 'state', 'latency', 'memory'] as const;

export class PluginTable {
  readonly element: HTMLTableElement;
  readonly #body = element('tbody');
  readonly #rows = new Map<string, PluginRow>();

  constructor(readonly actions: PluginActions) {
    const heads = COLUMNS.map((column) => element('th', { scope: 'col' }, text(`column.${column}`)));
    const caption = element('caption', { class: 'edge-wasi-unseen' }, text('tab.plugins'));
    this.element = element(
      'table',
      { class: 'edge-wasi-plugins' },
      caption,
      element('thead', {}, element('tr', {}, ...heads)),
      this.#body,
    );
  }

  update(plugins: readonly PluginView[]): void {
    const names = plugins.map(({ name }) => name);
    for (const [name, row] of this.#rows) {
      if (names.includes(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    for (const plugin of plugins) this.#row(plugin.name).update(plugin);
    const known = [...this.#rows.keys()];
    if (known.some((name, index) => name !== names[index])) this.#order(names);
  }

  #row(name: string): PluginRow {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const made = new PluginRow(name, this.actions);
    this.#rows.set(name, made);
    this.#body.append(...made.elements);
    return made;
  }

  #order(names: readonly string[]): void {
    const rows = names.map((name) => [name, this.#row(name)] as const);
    this.#rows.clear();
    for (const [name, row] of rows) {
      this.#rows.set(name, row);
      this.#body.append(...row.elements);
    }
  }
}
