/** What a plugin is, asks for and did, and the buttons that change something about it. */
import { button, copyButton, element, mark, say, show } from './elements';
import { GrantPanel } from './grant-panel';
import { importList } from './import-words';
import { Outcome } from './outcome';
import type { PluginActions } from './plugin-actions';
import { RemovePanel } from './remove-panel';
import type { PluginView } from './runtime-view';
import { bytes, duration, errorWords, number, shortDigest, text, time } from './texts';

const FACTS = ['kind', 'file', 'digest', 'calls', 'times', 'limits', 'error'] as const;
type Fact = (typeof FACTS)[number];

export class PluginDetails {
  readonly element = element('div');
  readonly #facts = new Map<Fact, { readonly name: HTMLElement; readonly value: HTMLElement }>();
  readonly #imports = element('div');
  readonly #reload: HTMLButtonElement;
  readonly #enable: HTMLButtonElement;
  readonly #grants: GrantPanel;
  readonly #remove: RemovePanel;
  readonly #outcome = new Outcome();
  #digest = '';
  #shownImports = '';
  #disabled = false;

  constructor(
    readonly plugin: string,
    actions: PluginActions,
  ) {
    this.#reload = button(text('action.reload'), 'refresh', () => {
      void this.#outcome.of(() => actions.reload(plugin), this.#reload);
    });
    this.#enable = button(text('action.disable'), 'power-off', () => {
      void this.#outcome.of(() => actions.change(plugin, { enabled: this.#disabled }), this.#enable);
    });
    this.#grants = new GrantPanel(plugin, (lines) => actions.change(plugin, { lines }));
    this.#remove = new RemovePanel(plugin, () => actions.remove(plugin));
    const buttons = element(
      'div',
      { class: 'edge-wasi-buttons' },
      this.#reload,
      this.#enable,
      this.#grants.button,
      this.#remove.button,
    );
    const asked = element('h5', {}, text('asks.title'));
    this.element.append(this.#factList(), asked, this.#imports);
    if (actions.mayWrite)
      this.element.append(buttons, this.#grants.element, this.#remove.element, this.#outcome.element);
  }

  update(plugin: PluginView): void {
    this.#disabled = plugin.state === 'disabled';
    this.#digest = plugin.sha256 ?? '';
    for (const fact of FACTS) this.#say(fact, factWords(fact, plugin));
    const digest = this.#facts.get('digest')?.value;
    if (digest !== undefined) mark(digest, 'title', this.#digest);
    const imports = JSON.stringify(plugin.imports);
    if (imports !== this.#shownImports) this.#imports.replaceChildren(importList(plugin.imports));
    this.#shownImports = imports;
    const words = ` ${text(this.#disabled ? 'action.enable' : 'action.disable')}`;
    const label = this.#enable.lastChild;
    if (label !== null && label.textContent !== words) label.textContent = words;
    this.#reload.disabled = this.#disabled;
    this.#grants.update(plugin);
    this.#remove.update(plugin);
  }

  #factList(): HTMLElement {
    const list = element('dl', { class: 'edge-wasi-facts' });
    for (const fact of FACTS) {
      const name = element('dt', {}, text(`fact.${fact}`));
      const value = element('span');
      const cell = element('dd', {}, value);
      if (fact === 'digest')
        cell.append(
          ' ',
          copyButton(text('fact.copyDigest'), () => this.#digest),
        );
      if (fact === 'error') cell.classList.add('edge-wasi-error');
      this.#facts.set(fact, { name, value });
      list.append(name, cell);
    }
    return list;
  }

  #say(fact: Fact, words: string): void {
    const shown = this.#facts.get(fact);
    if (shown === undefined) return;
    say(shown.value, words);
    show(shown.name, words !== '');
    if (shown.value.parentElement !== null) show(shown.value.parentElement, words !== '');
  }
}

function factWords(fact: Fact, plugin: PluginView): string {
  const { latency, lastError, limits } = plugin;
  switch (fact) {
    case 'kind':
      return [text(`role.${plugin.role}`), text(`origin.${plugin.origin}`), plugin.listed ? '' : text('fact.unlisted')]
        .filter((words) => words !== '')
        .join(', ');
    case 'file':
      return [plugin.file ?? '', plugin.sizeBytes === undefined ? '' : `(${bytes(plugin.sizeBytes)})`].join(' ').trim();
    case 'digest':
      return plugin.sha256 === undefined
        ? ''
        : `${shortDigest(plugin.sha256)}${plugin.pinned ? ` ${text('fact.pinned')}` : ''}`;
    case 'calls':
      return text('fact.callsValue', { polls: plugin.polls, failures: plugin.failures, refused: plugin.refusedCalls });
    case 'times':
      return latency === undefined
        ? ''
        : text('fact.timesValue', { last: duration(latency.lastMs), longest: duration(latency.longestMs) });
    case 'limits':
      return text('fact.limitsValue', { call: duration(limits.deadlineMs), memory: number(limits.memoryMb, 0) });
    case 'error':
      return lastError === undefined
        ? ''
        : `${errorWords(lastError.code)}: ${lastError.message} (${time(lastError.at)})`;
  }
}
