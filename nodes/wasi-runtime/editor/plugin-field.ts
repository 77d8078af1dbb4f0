/**
 * The choice of a plugin in the form of a node that names one: a list of what the chosen runtime knows, and a text field for
 * a name that is not there yet. Below it, what the plugin is doing now. Asked for anew every two seconds, for as long
 * as the form is in the page.
 */
import { RuntimeRequests } from './admin-api';
import { element, mark, say, show } from './elements';
import type { PluginCondition, PluginSummary } from './runtime-view';
import { conditionWords, errorWords, text } from './texts';

export interface PluginFieldOptions {
  /** The text field that Node-RED fills and reads. */
  readonly input: HTMLInputElement;
  /** An empty select beside it, which the form's label belongs to. */
  readonly list: HTMLSelectElement;
  readonly state: HTMLElement;
  readonly runtime: JQuery;
  /** What is polled: sensors and displays, also all at once. Pages are rendered one at a time. */
  readonly kind: 'polled' | 'page';
}

const PERIOD_MS = 2_000;
const ALL = '*';
const OTHER = 'other';
const LISTED = 'plugin:';
const NO_RUNTIME = '_ADD_';
const PAGE_ROLE = 'dashboard';

/** As the plugins of the defaults come while no runtime is deployed: by name alone. */
type Known = Pick<PluginSummary, 'name'> &
  Partial<PluginSummary> & { readonly condition?: PluginCondition; readonly reads?: readonly string[] };

/** What is said in the list itself, as choosing it does not yet make it run. */
const IN_LIST: ReadonlySet<PluginCondition> = new Set(['disabled', 'needs-grant', 'invalid', 'no-file']);

export class PluginField {
  readonly #options: PluginFieldOptions;
  readonly #dot = element('span', { class: 'edge-wasi-dot', 'aria-hidden': 'true' });
  readonly #words = element('span');
  #known: readonly Known[] = [];
  #shown = '';
  #timer: number | undefined;
  #state: 'open' | 'closed' = 'open';

  constructor(options: PluginFieldOptions) {
    this.#options = options;
    const { list, input, state, runtime } = options;
    state.replaceChildren(this.#dot, ' ', this.#words);
    state.setAttribute('role', 'status');
    list.addEventListener('change', () => this.#chosen());
    input.addEventListener('input', () => this.#say());
    runtime.on('change', () => this.#ask());
    this.#fill();
    this.#ask();
  }

  close(): void {
    this.#state = 'closed';
    window.clearTimeout(this.#timer);
  }

  #ask(): void {
    window.clearTimeout(this.#timer);
    if (this.#state === 'closed') return;
    const runtime = String(this.#options.runtime.val() || NO_RUNTIME);
    new RuntimeRequests(runtime)
      .plugins()
      .then(
        (plugins) => this.#take(runtime, plugins),
        // Of no help here: whoever reads the list may know the name.
        () => say(this.#words, text('field.unreachable')),
      )
      .finally(() => this.#later());
  }

  #later(): void {
    window.clearTimeout(this.#timer);
    if (this.#options.list.isConnected) this.#timer = window.setTimeout(() => this.#ask(), PERIOD_MS);
    else this.close();
  }

  #take(runtime: string, plugins: readonly Known[]): void {
    if (runtime !== String(this.#options.runtime.val() || NO_RUNTIME)) return;
    const wanted = this.#options.kind === 'page';
    this.#known = plugins.filter(({ name, role }) => ((role ?? name) === PAGE_ROLE) === wanted);
    this.#fill();
    this.#say();
  }

  /** Only where the list is another one: an open list would close. */
  #fill(): void {
    const { list, input, kind } = this.#options;
    const listed = this.#known.map((plugin) => [`${LISTED}${plugin.name}`, labelOf(plugin)] as const);
    const all = kind === 'polled' ? [[ALL, text('field.all')] as const] : [];
    const choices = [...all, ...listed, [OTHER, text('field.other')] as const];
    const signature = JSON.stringify(choices);
    if (signature !== this.#shown) {
      list.replaceChildren(...choices.map(([value, label]) => element('option', { value }, label)));
    }
    this.#shown = signature;
    const [first] = this.#known;
    if (input.value === '' && first !== undefined && document.activeElement !== input) input.value = first.name;
    const isTyping = document.activeElement === input && list.value === OTHER;
    if (!isTyping) list.value = this.#choiceOf(input.value);
    show(input, list.value === OTHER);
  }

  #choiceOf(name: string): string {
    if (name === ALL && this.#options.kind === 'polled') return ALL;
    return this.#plugin(name) === undefined ? OTHER : `${LISTED}${this.#plugin(name)?.name}`;
  }

  #chosen(): void {
    const { list, input } = this.#options;
    show(input, list.value === OTHER);
    if (list.value === OTHER) {
      input.value = '';
      input.focus();
    } else input.value = list.value === ALL ? ALL : list.value.slice(LISTED.length);
    // Node-RED validates a field when jQuery hears that it changed.
    $(input).trigger('change');
    this.#say();
  }

  #say(): void {
    const { value } = this.#options.input;
    const plugin = this.#plugin(value);
    mark(this.#dot, 'data-state', (plugin && conditionOf(plugin)) ?? 'unknown');
    say(this.#words, value === '' ? '' : this.#stateOf(value, plugin));
  }

  #stateOf(name: string, plugin: Known | undefined): string {
    if (name === ALL) return this.#cycle();
    if (plugin === undefined) return text('field.unknown', { name });
    const condition = conditionOf(plugin);
    if (condition === undefined) return text('field.notDeployed');
    const { lastError } = plugin;
    if (condition === 'invalid' && lastError !== undefined) return `${conditionWords(condition)}: ${lastError.message}`;
    const error = lastError === undefined ? '' : `, ${text('field.lastError')} ${errorWords(lastError.code)}`;
    const reads = plugin.reads === undefined ? '' : `; ${text('field.reads', { fields: plugin.reads.join(', ') })}`;
    return `${conditionWords(condition)}${error}${reads}`;
  }

  /** What a whole cycle does. */
  #cycle(): string {
    const enabled = this.#known.filter(({ state }) => state !== 'disabled');
    const displays = enabled.filter(({ role }) => role === 'display');
    const sensors = enabled.filter((plugin) => !displays.includes(plugin));
    const polls = text('field.cycle', { names: namesOf(sensors) });
    return displays.length === 0 ? polls : `${polls}, ${text('field.updates', { names: namesOf(displays) })}`;
  }

  /** `-` and `_` are one. */
  #plugin(name: string): Known | undefined {
    const normalised = name.trim().replaceAll('-', '_');
    return this.#known.find((each) => each.name === normalised);
  }
}

function labelOf(plugin: Known): string {
  const { name, role } = plugin;
  const marked = role === 'display' ? text('field.display', { name }) : name;
  const condition = conditionOf(plugin);
  return condition !== undefined && IN_LIST.has(condition) ? `${marked} (${conditionWords(condition)})` : marked;
}

function namesOf(plugins: readonly Known[]): string {
  return plugins.map(({ name }) => name).join(', ');
}

/** undefined: by name alone. */
function conditionOf({ condition, state }: Known): PluginCondition | undefined {
  return condition ?? state;
}
