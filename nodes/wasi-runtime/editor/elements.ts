/**
 * Elements of the form. All of a plugin's words enter the page through here as text. `show` and `say` touch an element
 * only where something changes, so that a form which is refreshed keeps focus, selection and scroll.
 */

export type Child = Node | string;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function icon(name: string): HTMLElement {
  return element('i', { class: `fa fa-${name}`, 'aria-hidden': 'true' });
}

export function button(words: string, iconName: string, click: () => void): HTMLButtonElement {
  const made = element(
    'button',
    { type: 'button', class: 'red-ui-button red-ui-button-small' },
    icon(iconName),
    ` ${words}`,
  );
  made.addEventListener('click', click);
  return made;
}

export function say(target: HTMLElement, words: string): void {
  if (target.textContent !== words) target.textContent = words;
}

export function show(target: HTMLElement, visible: boolean): void {
  if (target.hidden === visible) target.hidden = !visible;
}

export function mark(target: HTMLElement, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export function copyButton(label: string, words: () => string): HTMLButtonElement {
  const made = element(
    'button',
    { type: 'button', class: 'edge-wasi-copy', title: label, 'aria-label': label },
    icon('clone'),
  );
  made.addEventListener('click', () => {
    copy(words());
    made.replaceChildren(icon('check'));
  });
  return made;
}

/** `navigator.clipboard` is there in secure contexts only, and few a Raspberry Pi is reached by https. */
function copy(words: string): void {
  const field = element('textarea', { class: 'edge-wasi-hidden-text', 'aria-hidden': 'true' });
  field.value = words;
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
}
