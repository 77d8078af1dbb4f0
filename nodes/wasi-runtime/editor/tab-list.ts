/**
 * The tabs of the form, in Node-RED's look. Its own `RED.tabs` are links that neither the keyboard nor a screen reader
 * knows as tabs; these are, after the WAI-ARIA practices: arrow keys, Home and End move, one tab stop for all.
 */
import { element, show } from './elements';

export interface Tab {
  /** Of the element of the form that it shows. */
  readonly id: string;
  readonly label: string;
}

export class TabList {
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(
    place: HTMLElement,
    readonly tabs: readonly Tab[],
    readonly shown: (id: string) => void,
  ) {
    this.#buttons = tabs.map(({ id, label }) => {
      const tab = element('button', { type: 'button', role: 'tab', id: `${id}-tab`, 'aria-controls': id }, label);
      tab.addEventListener('click', () => this.show(id));
      return tab;
    });
    place.setAttribute('role', 'tablist');
    place.replaceChildren(...this.#buttons);
    place.addEventListener('keydown', (event) => this.#move(event));
    for (const { id } of tabs) {
      panel(id).setAttribute('role', 'tabpanel');
      panel(id).setAttribute('aria-labelledby', `${id}-tab`);
    }
  }

  show(id: string): void {
    this.tabs.forEach((tab, index) => {
      const selected = tab.id === id;
      this.#buttons[index]?.setAttribute('aria-selected', String(selected));
      this.#buttons[index]?.setAttribute('tabindex', selected ? '0' : '-1');
      show(panel(tab.id), selected);
    });
    this.shown(id);
  }

  #move(event: KeyboardEvent): void {
    const { target } = event;
    const at = target instanceof HTMLButtonElement ? this.#buttons.indexOf(target) : -1;
    const to = goal(event.key, at, this.#buttons.length);
    const tab = this.tabs[to];
    if (at < 0 || tab === undefined) return;
    event.preventDefault();
    this.#buttons[to]?.focus();
    this.show(tab.id);
  }
}

function goal(key: string, at: number, count: number): number {
  if (key === 'ArrowRight') return (at + 1) % count;
  if (key === 'ArrowLeft') return (at + count - 1) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : -1;
}

function panel(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the form has no #${id}`);
  return found;
}
