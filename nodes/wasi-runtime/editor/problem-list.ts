/** What is wrong in host.toml, in words, below the editor; each entry jumps to its line. */
import { element } from './elements';
import type { Problem } from './runtime-view';
import { text } from './texts';
import type { Mark } from './toml-editor';

const MOST_SHOWN = 20;
/** A message that stands alone says its line itself. */
const LINE_FIRST = /^line \d+, /;

export class ProblemList {
  readonly element = element('div', { id: 'edge-wasi-problems', role: 'status' });

  constructor(readonly jump: (problem: Problem) => void) {}

  clear(): void {
    this.element.replaceChildren();
  }

  show(marks: readonly Mark[]): void {
    if (marks.length === 0) {
      this.element.replaceChildren(element('p', { class: 'edge-wasi-good' }, text('check.good')));
      return;
    }
    const more = marks.length - MOST_SHOWN;
    this.element.replaceChildren(
      element('ul', {}, ...marks.slice(0, MOST_SHOWN).map((mark) => this.#item(mark))),
      ...(more > 0 ? [element('p', {}, text('check.more', { n: more }))] : []),
    );
  }

  #item(mark: Mark): HTMLElement {
    const { line, severity } = mark;
    const item = element('li', { class: `edge-wasi-${severity}` });
    if (line === undefined) {
      item.append(mark.text);
      return item;
    }
    const jump = element('button', { type: 'button', class: 'edge-wasi-link' }, text('check.line', { line }));
    jump.addEventListener('click', () => this.jump(mark));
    item.append(jump, ` ${mark.text.replace(LINE_FIRST, '')}`);
    return item;
  }
}
