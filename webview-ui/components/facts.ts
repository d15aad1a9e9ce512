import type { PageContext } from '../context.ts';
import { element } from '../dom.ts';
import type { Child } from '../dom.ts';
import { copyButton } from './copyButton.ts';

export interface Fact {
  readonly label: string;
  /** One value or several, each on its own line. */
  readonly values: readonly FactValue[];
}

export interface FactValue {
  readonly content: Child;
  /** Offered to be copied. */
  readonly copy?: string;
  readonly tooltip?: string;
}

/** Names and values, as a description list. */
export function factList(context: PageContext, facts: readonly Fact[]): HTMLElement {
  const list = element('dl', { class: 'facts' });
  for (const { label, values } of facts) {
    list.append(
      element(
        'div',
        { class: 'fact' },
        element('dt', {}, label),
        ...values.map((value) => factValue(context, label, value)),
      ),
    );
  }
  return list;
}

function factValue(context: PageContext, label: string, value: FactValue): HTMLElement {
  const text = element(
    'span',
    { class: 'fact-text', ...(value.tooltip === undefined ? {} : { attributes: { title: value.tooltip } }) },
    value.content,
  );
  return element(
    'dd',
    {},
    text,
    value.copy === undefined ? undefined : copyButton(context, label, value.copy),
  );
}

/** A plain value. */
export function plain(text: string, tooltip?: string): FactValue {
  return { content: text, ...(tooltip === undefined ? {} : { tooltip }) };
}

/** A value in the editor's font, with a button that copies it. */
export function code(text: string): FactValue {
  return { content: element('code', {}, text), copy: text };
}

/** What stands where there is no value. */
export function absent(text: string): FactValue {
  return { content: element('span', { class: 'absent' }, text) };
}
