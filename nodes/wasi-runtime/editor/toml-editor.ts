/**
 * host.toml in Node-RED's own code editor, with marks at the lines that are wrong. Monaco knows no TOML, so it is told the
 * little that host.toml uses; ACE, where settings.js chose it, takes the file for `.properties`, which comes close.
 */
import type { Problem } from './runtime-view';

const OWNER = 'edge-wasi';
const LANGUAGE = 'toml';

const TOKENS = {
  tokenizer: {
    root: [
      [/#.*$/, 'comment'],
      [/^\s*\[[^\]]*\]?\]?/, 'type'],
      [/[A-Za-z0-9_-]+(?=\s*(\.[\w\s.-]*)?=)/, 'variable'],
      [/"([^"\\]|\\.)*"/, 'string'],
      [/'[^']*'/, 'string'],
      [/\b(true|false)\b/, 'keyword'],
      [/[+-]?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?\b/, 'number'],
    ],
  },
};

export interface Mark extends Problem {
  readonly severity: 'error' | 'warning';
}

export class TomlEditor {
  readonly #editor: CodeEditor;

  constructor(
    place: HTMLElement,
    readonly changed: () => void,
    label: string,
  ) {
    teachMonaco();
    const mode = hasMonaco() ? LANGUAGE : 'ace/mode/properties';
    this.#editor = RED.editor.createEditor({
      element: place,
      mode,
      value: '',
      stateId: false,
      options: { ariaLabel: label },
    });
    this.#editor.updateOptions?.({ ariaLabel: label, minimap: { enabled: false } });
    place.querySelector('textarea')?.setAttribute('aria-label', label);
    this.#editor.getSession().on('change', changed);
  }

  get text(): string {
    return this.#editor.getValue();
  }

  set text(value: string) {
    if (value !== this.text) this.#editor.setValue(value, -1);
  }

  set readOnly(value: boolean) {
    this.#editor.updateOptions?.({ readOnly: value });
    this.#editor.setReadOnly?.(value);
  }

  mark(marks: readonly Mark[]): void {
    const session = this.#editor.getSession();
    if (session.setAnnotations !== undefined) {
      session.setAnnotations(
        marks.map(({ line = 1, column = 1, text, severity }) => ({
          row: line - 1,
          column: column - 1,
          text,
          type: severity,
        })),
      );
    } else if (hasMonaco()) {
      monaco?.editor.setModelMarkers(this.#editor.getModel?.(), OWNER, marks.map(monacoMarker));
    }
  }

  jumpTo({ line = 1, column = 1 }: Problem): void {
    this.#editor.gotoLine(line - 1, column - 1);
    this.#editor.scrollToLine?.(line);
    this.#editor.focus();
  }

  resize(): void {
    this.#editor.resize();
  }

  close(): void {
    this.#editor.destroy();
  }
}

function hasMonaco(): boolean {
  return typeof monaco !== 'undefined';
}

function teachMonaco(): void {
  if (typeof monaco === 'undefined' || monaco.languages.getLanguages().some(({ id }) => id === LANGUAGE)) return;
  monaco.languages.register({ id: LANGUAGE });
  monaco.languages.setMonarchTokensProvider(LANGUAGE, TOKENS);
  monaco.languages.setLanguageConfiguration(LANGUAGE, {
    comments: { lineComment: '#' },
    brackets: [
      ['[', ']'],
      ['{', '}'],
    ],
  });
}

function monacoMarker({ line = 1, column, text, severity }: Mark): object {
  return {
    startLineNumber: line,
    endLineNumber: line,
    startColumn: column ?? 1,
    // To the end of the line, wherever that is.
    endColumn: Number.MAX_SAFE_INTEGER,
    message: text,
    severity: severity === 'error' ? monaco?.MarkerSeverity.Error : monaco?.MarkerSeverity.Warning,
  };
}
