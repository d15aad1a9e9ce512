import type { ImageView } from '../../src/protocol/imageView.ts';
import { actionButton } from '../components/actionButton.ts';
import { copyText } from '../components/copyButton.ts';
import { tokenizeJson } from '../components/jsonTokens.ts';
import type { PageContext } from '../context.ts';
import { element } from '../dom.ts';

/** Past this many characters the rest stays in one colour: a span for each word of a megabyte is slow. */
const MAX_HIGHLIGHTED_CHARS = 400_000;

/** The inspect JSON as the terminal prints it, coloured. */
export function renderInspect(context: PageContext, image: ImageView): HTMLElement {
  const { strings } = context;
  const text = image.inspect;
  return element(
    'div',
    { class: 'inspect' },
    element(
      'div',
      { class: 'toolbar' },
      actionButton({
        label: strings.copyJson,
        icon: 'copy',
        onClick: () => void copyText(context, text),
      }),
      actionButton({
        label: strings.openDocument,
        icon: 'go-to-file',
        onClick: () => {
          context.rpc.request('openDocument', {}).catch((error: unknown) => {
            context.announce(error instanceof Error ? error.message : String(error));
          });
        },
      }),
    ),
    element(
      'pre',
      { class: 'json', attributes: { tabindex: '0', role: 'region', 'aria-label': strings.inspectLabel } },
      highlighted(text),
    ),
  );
}

function highlighted(text: string): HTMLElement {
  const code = element('code');
  for (const token of tokenizeJson(text.slice(0, MAX_HIGHLIGHTED_CHARS))) {
    code.append(
      token.kind === 'plain' ? token.text : element('span', { class: `json-${token.kind}` }, token.text),
    );
  }
  code.append(text.slice(MAX_HIGHLIGHTED_CHARS));
  return code;
}
