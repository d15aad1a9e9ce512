/** What an element is made with. Values land in text nodes and attributes, never in markup. */
export interface ElementOptions {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

export type Child = Node | string | undefined;

/** Makes an element: `element('p', { class: 'hint' }, 'text')`. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options?: ElementOptions,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K];
export function element(tag: string, options?: ElementOptions, ...children: readonly Child[]): HTMLElement;
export function element(
  tag: string,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElement {
  const made = document.createElement(tag);
  if (options.class !== undefined) made.className = options.class;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  for (const [name, listener] of Object.entries(options.on ?? {})) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A codicon that says nothing to a screen reader: its neighbour does. */
export function icon(name: string): HTMLElement {
  return element('span', { class: `codicon codicon-${name}`, attributes: { 'aria-hidden': 'true' } });
}

/**
 * Remembers where the focus is below `root`, before its content is drawn anew.
 * @returns what puts the focus back, if the same thing stands there again
 */
export function keepFocus(root: HTMLElement): () => void {
  const focused = document.activeElement;
  if (focused === null || focused === root || !root.contains(focused)) return () => undefined;
  const path: number[] = [];
  for (let at: Element = focused; at !== root && at.parentElement !== null; at = at.parentElement) {
    path.unshift([...at.parentElement.children].indexOf(at));
  }
  const name = nameOf(focused);
  return () => {
    let found: Element | undefined = root;
    for (const index of path) found = found?.children[index];
    if (found instanceof HTMLElement && nameOf(found) === name) found.focus({ preventScroll: true });
  };
}

function nameOf(thing: Element): string {
  return [thing.tagName, thing.className, thing.getAttribute('aria-label')].join(' ');
}
