import { element, icon } from '../dom.ts';

export interface ActionButtonOptions {
  readonly label: string;
  readonly icon?: string;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** A button with a text, and an icon before it if it has one. */
export function actionButton(options: ActionButtonOptions): HTMLElement {
  const glyph = options.icon === undefined ? undefined : icon(options.icon);
  glyph?.setAttribute('slot', 'start');
  const attributes: Record<string, string> = {
    appearance: options.primary === true ? 'primary' : 'secondary',
    ...(options.disabled === true ? { disabled: '' } : {}),
  };
  return element('vscode-button', { attributes, on: { click: options.onClick } }, glyph, options.label);
}
