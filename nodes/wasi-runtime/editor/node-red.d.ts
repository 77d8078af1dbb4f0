/**
 * What the form uses of Node-RED's editor (globals of its page). Node-RED 4 and 5; its code editor is Monaco or, by
 * settings.js, ACE behind the same few functions.
 */

interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly _def: { readonly defaults: Readonly<Record<string, unknown>> };
  _(key: string, words?: Readonly<Record<string, string | number>>): string;
}

/** Lines and columns of `getSession` count from 0, those of Monaco from 1. */
interface CodeEditor {
  getValue(): string;
  setValue(text: string, cursor?: number): void;
  getSession(): {
    on(event: 'change', listener: () => void): void;
    /** ACE's alone. */
    setAnnotations?(marks: readonly { row: number; column: number; text: string; type: string }[]): void;
  };
  /** Monaco's alone. */
  getModel?(): unknown;
  updateOptions?(options: object): void;
  /** ACE's alone. */
  setReadOnly?(readOnly: boolean): void;
  gotoLine(row: number, column: number): void;
  scrollToLine?(line: number): void;
  focus(): void;
  resize(): void;
  destroy(): void;
}

interface Notification {
  close(): void;
}

declare const RED: {
  _(key: string, words?: Readonly<Record<string, string | number>>): string;
  readonly editor: {
    createEditor(options: {
      element: HTMLElement;
      mode: string;
      value: string;
      stateId: false;
      options?: object;
    }): CodeEditor;
  };
  readonly i18n: { lang(): string };
  readonly nodes: {
    registerType(type: string, definition: object): void;
    node(id: string): EditorNode | null;
    eachConfig(
      look: (node: { readonly id: string; readonly type: string; readonly z?: string; readonly d?: boolean }) => void,
    ): void;
    /** Absent in the oldest Node-RED 4. */
    updateConfigNodeUsers?(node: EditorNode, options: { readonly action: 'add' | 'remove' }): void;
  };
  notify(
    text: string,
    options: {
      type?: 'success' | 'warning' | 'error';
      fixed?: boolean;
      modal?: boolean;
      timeout?: number;
      buttons?: readonly { text: string; class?: string; click: () => void }[];
    },
  ): Notification;
  readonly user: { hasPermission(permission: string): boolean };
};

/** Absent where ACE was chosen. */
declare const monaco:
  | {
      readonly languages: {
        getLanguages(): readonly { readonly id: string }[];
        register(language: { id: string }): void;
        setMonarchTokensProvider(id: string, rules: object): void;
        setLanguageConfiguration(id: string, configuration: object): void;
      };
      readonly editor: { setModelMarkers(model: unknown, owner: string, markers: readonly object[]): void };
      readonly MarkerSeverity: { readonly Error: number; readonly Warning: number };
    }
  | undefined;

interface Window {
  /** What the forms of the other nodes use of this bundle. */
  edgeWasi: import('./shared-forms').SharedForms;
}
