/** What a new page may not change: what the user typed, chose or opened since. An untouched field follows the page. */

export function keepsWhatUserDid(attribute: string, element: Element): boolean {
  switch (attribute) {
    case 'value':
      return isText(element) && element.value !== element.defaultValue;
    case 'checked':
      return element instanceof HTMLInputElement && element.checked !== element.defaultChecked;
    case 'selected':
      return element instanceof HTMLOptionElement && wasChosen(element.closest('select'));
    case 'open':
      return element instanceof HTMLDetailsElement || element instanceof HTMLDialogElement;
    default:
      return false;
  }
}

function isText(element: Element): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** A list without a default has its first entry chosen by the browser, which no attribute says. */
function wasChosen(list: HTMLSelectElement | null): boolean {
  if (list === null) return false;
  const entries = [...list.options];
  const given = entries.filter(({ defaultSelected }) => defaultSelected);
  const defaults = list.multiple ? given : [given.at(-1) ?? entries.find(({ disabled }) => !disabled)];
  return entries.some((entry) => entry.selected !== defaults.includes(entry));
}
