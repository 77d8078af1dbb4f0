/** The form of a wasi-runtime as the tests use it: one Node-RED, one deployed runtime, rows of its table by plugin. */
import type { Locator } from 'playwright-core';
import type { Editor } from './editor';

export const RUNTIME_ID = 'runtime';
/** Node-RED has editors of its own. */
const MONACO = `monaco.editor.getEditors().find((each) => each.getDomNode()?.closest('#edge-wasi-toml'))`;

export class RuntimeFormPage {
  private constructor(
    readonly editor: Editor,
    readonly form: Locator,
  ) {}

  /** Of one that is not deployed yet. */
  static async openNew(editor: Editor): Promise<RuntimeFormPage> {
    return new RuntimeFormPage(editor, await editor.editConfig('wasi-runtime', '_ADD_'));
  }

  /** Once the runtime has told what it is. */
  static async open(editor: Editor): Promise<RuntimeFormPage> {
    const page = new RuntimeFormPage(editor, await editor.editConfig('wasi-runtime', RUNTIME_ID));
    await page.tab('Plugins').click();
    await page.form.locator('#edge-wasi-phase').getByText('·').waitFor();
    return page;
  }

  row(plugin: string): Locator {
    return this.form.locator(`tr[data-plugin="${plugin}"]`);
  }

  details(plugin: string): Locator {
    return this.form.locator(`#edge-wasi-plugin-${plugin}`);
  }

  async unfold(plugin: string): Promise<Locator> {
    await this.row(plugin).getByRole('button').click();
    return this.details(plugin);
  }

  tab(name: string): Locator {
    return this.form.getByRole('tab', { name, exact: true });
  }

  /** What the code editor shows, whichever it is. */
  toml(): Promise<string> {
    return this.editor.page.evaluate(`${MONACO}.getValue()`);
  }

  /** As typed: the form hears of it. */
  async type(toml: string): Promise<void> {
    await this.editor.page.evaluate(`${MONACO}.setValue(${JSON.stringify(toml)})`);
  }

  /** Its number of line, from 1. */
  cursorLine(): Promise<number> {
    return this.editor.page.evaluate(`${MONACO}.getPosition().lineNumber`);
  }

  /** Lines that are marked, with their messages. */
  marks(): Promise<readonly { readonly line: number; readonly text: string }[]> {
    return this.editor.page.evaluate(`monaco.editor.getModelMarkers({ owner: 'edge-wasi' })
      .map(({ startLineNumber, message }) => ({ line: startLineNumber, text: message }))`);
  }
}
