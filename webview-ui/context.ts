import type { PanelEvents, PanelRequests } from '../src/protocol/imagePanel.ts';
import type { PanelStrings } from '../src/protocol/panelStrings.ts';
import type { Formatter } from './format.ts';
import type { Rpc } from './rpc.ts';

/** What every part of the page is handed. */
export interface PageContext {
  readonly strings: PanelStrings;
  readonly format: Formatter;
  readonly rpc: Rpc<PanelRequests, PanelEvents>;
  /** Says something to a screen reader. */
  readonly announce: (text: string) => void;
}
