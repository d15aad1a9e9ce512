import type { PageContext } from '../context.ts';
import { element, icon } from '../dom.ts';
import { fill } from '../format.ts';

/** How long the tick stands that says "copied", in milliseconds. */
const TICK_MS = 1500;

/** A small icon button that puts `text` on the clipboard. @param thing what the text is, for its label. */
export function copyButton(context: PageContext, thing: string, text: string): HTMLElement {
  const label = fill(context.strings.copyThing, thing);
  const glyph = icon('copy');
  const button = element(
    'vscode-button',
    { class: 'copy', attributes: { appearance: 'icon', 'aria-label': label, title: label } },
    glyph,
  );
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    void copyText(context, text).then((copied) => {
      if (!copied) return;
      glyph.className = 'codicon codicon-check';
      setTimeout(() => (glyph.className = 'codicon codicon-copy'), TICK_MS);
    });
  });
  return button;
}

/** Puts text on the clipboard through the host and says so. @returns false when that failed, which is announced. */
export async function copyText(context: PageContext, text: string): Promise<boolean> {
  try {
    await context.rpc.request('copy', { text });
    context.announce(context.strings.copied);
    return true;
  } catch (error) {
    context.announce(error instanceof Error ? error.message : String(error));
    return false;
  }
}
