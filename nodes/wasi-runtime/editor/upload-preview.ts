/** What a component is and asks for, before anything of it is installed; each grant can be taken away or changed. */
import { button, copyButton, element } from './elements';
import { bodyOf } from './grant-lines';
import { importList } from './import-words';
import type { InspectedUpload } from './runtime-view';
import { bytes, shortDigest, text } from './texts';

export interface PreviewActions {
  /** `lines` undefined: nothing new is asked for, host.toml stays what it is. */
  install(enabled: boolean, lines: string | undefined): Promise<void>;
  discard(): void;
}

interface GrantLine {
  readonly element: HTMLElement;
  /** "" where it is not ticked. */
  line(): string;
}

export class UploadPreview {
  readonly element: HTMLElement;
  readonly #install: HTMLButtonElement;
  readonly #grants: readonly GrantLine[];
  readonly #enabled = element('input', { type: 'checkbox', id: 'edge-wasi-upload-enabled' });

  constructor(upload: InspectedUpload, actions: PreviewActions) {
    this.#grants = bodyOf(upload.lines).map(grantLine);
    this.#enabled.checked = true;
    this.#install = button(text('upload.install'), 'download', () => void this.#installed(actions));
    this.#install.classList.add('primary');
    const discard = button(text('upload.discard'), 'trash', () => actions.discard());
    this.element = element(
      'div',
      { class: 'edge-wasi-panel', id: 'edge-wasi-preview', tabindex: '-1' },
      ...head(upload),
    );
    this.element.append(element('h5', {}, text('asks.title')), importList(upload.imports));
    if (this.#grants.length > 0) {
      const lines = this.#grants.map((grant) => grant.element);
      this.element.append(element('fieldset', {}, element('legend', {}, text('upload.grants')), ...lines));
    }
    const enabled = element('label', { class: 'edge-wasi-tick' }, this.#enabled, ` ${text('upload.enabled')}`);
    this.element.append(enabled, element('div', { class: 'edge-wasi-buttons' }, this.#install, discard));
  }

  /** Not its button: it is to be read before it is installed. */
  focus(): void {
    this.element.focus();
  }

  async #installed(actions: PreviewActions): Promise<void> {
    this.#install.disabled = true;
    const lines = this.#grants.map((grant) => grant.line()).filter((line) => line !== '');
    await actions.install(this.#enabled.checked, this.#grants.length === 0 ? undefined : lines.join('\n'));
    this.#install.disabled = false;
  }
}

function head({ plugin, role, exports, sizeBytes, sha256, replaces }: InspectedUpload): readonly HTMLElement[] {
  const facts = element('p', {}, `${text(`role.${role}`)}, ${bytes(sizeBytes)}, sha256 `);
  facts.append(
    element('code', { title: sha256 }, shortDigest(sha256)),
    ' ',
    copyButton(text('fact.copyDigest'), () => sha256),
  );
  const kept = element('p', { class: 'edge-wasi-note' }, text(`replaces.${replaces}`, { plugin }));
  const title = element('strong', { title: exports.join(', ') }, plugin);
  return [element('p', {}, text('upload.found'), ' ', title), facts, kept];
}

function grantLine(line: string): GrantLine {
  const tick = element('input', { type: 'checkbox', 'aria-label': text('upload.grant', { line }) });
  tick.checked = true;
  const edited = element('input', {
    type: 'text',
    class: 'edge-wasi-toml',
    'aria-label': text('upload.grantLine'),
    spellcheck: 'false',
  });
  edited.value = line;
  return {
    element: element('div', { class: 'edge-wasi-grant' }, tick, edited),
    line: () => (tick.checked ? edited.value.trim() : ''),
  };
}
