/**
 * What came of a button, told beside it and to screen readers: done, or why not. Where host.toml could not be written,
 * the lines to paste into it by hand, with a button that copies them.
 */
import { RequestRefused } from './admin-api';
import { copyButton, element } from './elements';
import { errorWords, text } from './texts';

export class Outcome {
  readonly element = element('div', { class: 'edge-wasi-outcome', role: 'status' });

  clear(): void {
    this.element.replaceChildren();
  }

  done(words: string): void {
    this.element.className = 'edge-wasi-outcome edge-wasi-good';
    this.element.replaceChildren(words);
  }

  failed(error: unknown): void {
    this.element.className = 'edge-wasi-outcome edge-wasi-bad';
    this.element.replaceChildren(describe(error));
    const lines = error instanceof RequestRefused ? error.refusal.lines : undefined;
    if (lines !== undefined && lines !== '') this.offer(lines);
  }

  /** Lines of host.toml to paste. */
  offer(lines: string): void {
    const label = text('lines.copy');
    this.element.append(
      element('p', {}, text('lines.paste')),
      element(
        'div',
        { class: 'edge-wasi-lines' },
        element('pre', {}, lines),
        copyButton(label, () => lines),
      ),
    );
  }

  /** `work` gives what to say when it is done. Buttons rest meanwhile. */
  async of(work: () => Promise<string>, ...buttons: readonly HTMLButtonElement[]): Promise<boolean> {
    for (const each of buttons) each.disabled = true;
    try {
      this.done(await work());
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    } finally {
      for (const each of buttons) each.disabled = false;
    }
  }
}

/** In words, with the code's own words first where it has some. */
export function describe(error: unknown): string {
  if (!(error instanceof RequestRefused)) return error instanceof Error ? error.message : String(error);
  const { code, message } = error.refusal;
  return code === '' ? message : `${errorWords(code)}: ${message}`;
}
