/** Parts of the page. Text of others enters as text, never as markup. */

/** An element that the page has. */
export const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** @param kind its class */
export function paragraph(text: string, kind = ''): HTMLElement {
  const made = document.createElement('p');
  made.className = kind;
  made.textContent = text;
  return made;
}

/** @param kind its class */
export function button(text: string, press: () => void, kind = ''): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.className = kind;
  made.addEventListener('click', press);
  return made;
}

/** @param kind its class */
export function box(kind: string, ...inside: readonly Node[]): HTMLElement {
  const made = document.createElement('div');
  made.className = kind;
  made.append(...inside);
  return made;
}
