import type { PanelState } from '../../src/protocol/imagePanel.ts';
import { actionButton } from '../components/actionButton.ts';
import type { PageContext } from '../context.ts';
import { element, icon } from '../dom.ts';
import { fill } from '../format.ts';
import { shortId } from './header.ts';

/** What the person can do from here. */
export interface AbsenceActions {
  readonly pullAgain: () => void;
  readonly showNamed: () => void;
  readonly reload: () => void;
}

type Absent = Exclude<PanelState, { kind: 'image' }>;

/** Stands in the place of an image that is gone or cannot be read: what happened, and what to do. */
export function renderAbsence(context: PageContext, state: Absent, actions: AbsenceActions): HTMLElement {
  const { strings } = context;
  const gone = state.kind === 'gone';
  return element(
    'main',
    { class: 'absence' },
    icon(gone ? 'trash' : 'warning'),
    element('h2', {}, gone ? strings.goneTitle : strings.failedTitle),
    ...sentences(context, state).map((sentence) => element('p', {}, sentence)),
    element('div', { class: 'actions' }, ...buttons(context, state, actions)),
  );
}

function sentences({ strings }: PageContext, state: Absent): string[] {
  const { name, imageId } = state.target;
  if (state.kind === 'failed') return [state.error.message];
  return [
    name === undefined || state.nameMoved
      ? fill(strings.goneUnnamed, shortId(imageId))
      : fill(strings.goneNamed, name),
    ...(state.nameMoved && name !== undefined ? [fill(strings.nameMoved, name)] : []),
  ];
}

function buttons({ strings }: PageContext, state: Absent, actions: AbsenceActions): HTMLElement[] {
  const pull = (primary: boolean): HTMLElement =>
    actionButton({
      label: state.pulling ? strings.pulling : strings.pullAgain,
      ...(state.pulling ? {} : { icon: 'cloud-download' }),
      primary,
      disabled: state.pulling,
      onClick: actions.pullAgain,
    });
  const ring = state.pulling
    ? [element('vscode-progress-ring', { attributes: { 'aria-label': strings.pulling } })]
    : [];
  const named = state.target.name !== undefined;
  if (state.kind === 'failed') {
    const again = actionButton({
      label: strings.tryAgain,
      icon: 'refresh',
      primary: true,
      onClick: actions.reload,
    });
    return [again, ...(named ? [pull(false)] : []), ...ring];
  }
  if (state.nameMoved) {
    return [actionButton({ label: strings.showNamed, primary: true, onClick: actions.showNamed })];
  }
  return named ? [pull(true), ...ring] : [];
}
