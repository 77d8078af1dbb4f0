/** What a new page may not change: what the user typed, chose or opened since. An untouched field follows the page. */

export function keepsWhatUserDid(attribute: string, element: Element): boolean {
  switch (attribute) {
    case 'value':
      return isText(element) && element.value !== element.defaultValue;
    case 'checked':
      return element instanceof HTMLInputElement && element.checked !== element.defaultChecked;
    case 'selected':
      return element instanceof HTMLOptionElement && element.selected !== element.defaultSelected;
    case 'open':
      return element instanceof HTMLDetailsElement || element instanceof HTMLDialogElement;
    default:
      return false;
  }
}

function isText(element: Element): element is HTMLInputElement | HTMLTextAreaElement {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}
