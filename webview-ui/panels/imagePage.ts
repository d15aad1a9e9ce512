import { PANEL_TABS } from '../../src/protocol/imagePanel.ts';
import type { PanelMemory, PanelState, PanelTab } from '../../src/protocol/imagePanel.ts';
import type { ImageView } from '../../src/protocol/imageView.ts';
import { actionButton } from '../components/actionButton.ts';
import type { PageContext } from '../context.ts';
import { element, icon, keepFocus } from '../dom.ts';
import { fill } from '../format.ts';
import { renderAbsence } from './absence.ts';
import { renderHeader } from './header.ts';
import { renderHistory } from './history.ts';
import { renderInspect } from './inspect.ts';
import { renderLayers } from './layers.ts';
import { renderOverview } from './overview.ts';

export interface ImagePageOptions {
  readonly context: PageContext;
  readonly root: HTMLElement;
  readonly tab: PanelTab;
  /** Keeps what a reload must bring back. */
  readonly remember: (memory: PanelMemory) => void;
}

/** The page of the image panel: draws a state whole, each tab when it is first looked at. */
export class ImagePage {
  readonly #options: ImagePageOptions;
  readonly #openLayers = new Set<string>();
  readonly #openHistory = new Set<number>();
  #tab: PanelTab;
  #panels: HTMLElement | undefined;
  #views = new Map<PanelTab, { view: HTMLElement; draw: (() => HTMLElement) | undefined }>();
  #state: PanelState | undefined;

  constructor(options: ImagePageOptions) {
    this.#options = options;
    this.#tab = options.tab;
  }

  /** Draws this state in place of the last; what was unfolded, scrolled and focused stays so. */
  show(state: PanelState): void {
    if (this.#state !== undefined && this.#state.target.imageId !== state.target.imageId) {
      this.#openLayers.clear();
      this.#openHistory.clear();
    }
    const restoreFocus = keepFocus(this.#options.root);
    const scrolled = this.#views.get(this.#tab)?.view.scrollTop ?? 0;
    this.#state = state;
    this.#views = new Map();
    this.#panels = undefined;
    const { root, context } = this.#options;
    root.removeAttribute('aria-busy');
    if (state.kind === 'image') {
      root.replaceChildren(
        renderHeader(context, state.target, state.image),
        ...(state.nameMoved && state.target.name !== undefined ? [this.#movedNotice(state.target.name)] : []),
        this.#drawTabs(state.image),
      );
      this.#drawView(this.#tab);
    } else {
      root.replaceChildren(
        renderHeader(context, state.target),
        renderAbsence(context, state, {
          pullAgain: () => this.#ask('pullAgain', Infinity),
          showNamed: () => this.#ask('showNamed'),
          reload: () => void this.reload(),
        }),
      );
    }
    restoreFocus();
    const current = this.#views.get(this.#tab);
    if (current !== undefined) current.view.scrollTop = scrolled;
    this.#remember();
  }

  /** Turns to a tab. */
  select(tab: PanelTab): void {
    this.#tab = tab;
    this.#panels?.setAttribute('activeid', tabId(tab));
    this.#drawView(tab);
    this.#remember();
  }

  /** Asks the host for the state anew and draws it. */
  async reload(): Promise<void> {
    try {
      this.show(await this.#options.context.rpc.request('reload', {}));
    } catch (error) {
      this.#options.context.announce(error instanceof Error ? error.message : String(error));
    }
  }

  #ask(method: 'pullAgain' | 'showNamed', timeoutMs?: number): void {
    this.#options.context.rpc.request(method, {}, timeoutMs).catch((error: unknown) => {
      this.#options.context.announce(error instanceof Error ? error.message : String(error));
    });
  }

  #drawTabs(image: ImageView): HTMLElement {
    const { context } = this.#options;
    const { strings } = context;
    const titles: Record<PanelTab, string> = {
      overview: strings.tabOverview,
      layers: strings.tabLayers,
      history: strings.tabHistory,
      inspect: strings.tabInspect,
    };
    const counts: Partial<Record<PanelTab, number>> = {
      layers: image.layers.length,
      history: image.history.length,
    };
    const draws: Record<PanelTab, () => HTMLElement> = {
      overview: () => renderOverview(context, image),
      layers: () => renderLayers(context, image, this.#openLayers),
      history: () => renderHistory(context, image, this.#openHistory),
      inspect: () => renderInspect(context, image),
    };
    const panels = element('vscode-panels', {
      attributes: { activeid: tabId(this.#tab), 'aria-label': strings.panelLabel },
    });
    for (const tab of PANEL_TABS) {
      const count = counts[tab];
      const label =
        count === undefined
          ? titles[tab]
          : fill(strings.tabWithCount, titles[tab], context.format.count(count));
      const handle = element(
        'vscode-panel-tab',
        { attributes: { id: tabId(tab), 'aria-label': label } },
        titles[tab],
        count === undefined ? undefined : element('span', { class: 'badge' }, context.format.count(count)),
      );
      const view = element('vscode-panel-view', { attributes: { id: `view-${tab}` } });
      this.#views.set(tab, { view, draw: draws[tab] });
      panels.append(handle, view);
      // The toolkit takes the label from the text once it is connected, badge and all.
      queueMicrotask(() => handle.setAttribute('aria-label', label));
    }
    panels.addEventListener('change', (event) => {
      // The event brings the tab; the attribute follows only later.
      const active: unknown = event instanceof CustomEvent ? event.detail : undefined;
      const tab = PANEL_TABS.find((each) => active instanceof Element && active.id === tabId(each));
      if (tab !== undefined && tab !== this.#tab) this.select(tab);
    });
    this.#panels = panels;
    return panels;
  }

  #drawView(tab: PanelTab): void {
    const entry = this.#views.get(tab);
    if (entry?.draw === undefined) return;
    entry.view.replaceChildren(entry.draw());
    entry.draw = undefined;
  }

  #movedNotice(name: string): HTMLElement {
    const { strings } = this.#options.context;
    return element(
      'div',
      { class: 'notice', attributes: { role: 'note' } },
      icon('info'),
      element('span', {}, fill(strings.nameMoved, name)),
      actionButton({ label: strings.showNamed, onClick: () => this.#ask('showNamed') }),
    );
  }

  #remember(): void {
    if (this.#state !== undefined) this.#options.remember({ ...this.#state.target, tab: this.#tab });
  }
}

function tabId(tab: PanelTab): string {
  return `tab-${tab}`;
}
