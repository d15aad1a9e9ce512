import { isEmpty, isRecord } from './envelope.ts';
import type { EventMessage, ParamChecks } from './envelope.ts';
import type { ImageView } from './imageView.ts';

/** The image panel's own messages. */

export const PANEL_TABS = ['overview', 'layers', 'history', 'inspect'] as const;
export type PanelTab = (typeof PANEL_TABS)[number];

export function isPanelTab(value: unknown): value is PanelTab {
  return PANEL_TABS.some((tab) => tab === value);
}

/** Which image a panel shows: the ID decides, the name says how the person came to it. */
export interface PanelTarget {
  readonly imageId: string;
  /** Familiar name with tag. */
  readonly name?: string;
}

/** What the webview keeps with setState and the serializer gets back after a reload. */
export interface PanelMemory extends PanelTarget {
  readonly tab: PanelTab;
}

/** What there is to show now. */
export type PanelState =
  | {
      readonly kind: 'image';
      readonly target: PanelTarget;
      readonly image: ImageView;
      /** The target's name means another image by now. */
      readonly nameMoved: boolean;
    }
  | {
      readonly kind: 'gone';
      readonly target: PanelTarget;
      /** Another image has the name now. */
      readonly nameMoved: boolean;
      readonly pulling: boolean;
    }
  | {
      readonly kind: 'failed';
      readonly target: PanelTarget;
      readonly error: { readonly code: string; readonly message: string };
      readonly pulling: boolean;
    };

interface PanelStart {
  /** The tab that was asked for; absent: the one that was shown last. */
  readonly tab?: PanelTab;
  readonly state: PanelState;
}

type Nothing = Record<string, never>;

/** What the webview may ask. Each result is plain data; `null` where there is nothing to say. */
export type PanelRequests = {
  /** First of all. */
  start: { params: Nothing; result: PanelStart };
  /** The state anew, after a failure. */
  reload: { params: Nothing; result: PanelState };
  copy: { params: { readonly text: string }; result: null };
  /** The inspect JSON as a read-only document of the editor. */
  openDocument: { params: Nothing; result: null };
  /** Pulls the target's name; answers when the pull has ended. */
  pullAgain: { params: Nothing; result: null };
  /** Turns the panel to the image that has the target's name now. */
  showNamed: { params: Nothing; result: null };
};

/** What the host tells the webview. */
export type PanelEvents = {
  state: PanelState;
  tab: PanelTab;
};

export type PanelEvent = EventMessage<PanelEvents>;

/** @param maxCopyChars the longest text that `copy` takes. */
export function panelChecks(maxCopyChars: number): ParamChecks<PanelRequests> {
  return {
    start: isEmpty,
    reload: isEmpty,
    copy: (params): params is { text: string } =>
      isRecord(params) && typeof params['text'] === 'string' && params['text'].length <= maxCopyChars,
    openDocument: isEmpty,
    pullAgain: isEmpty,
    showNamed: isEmpty,
  };
}

/** What a webview kept, checked: it may come from an older version or from anywhere. */
export function parsePanelMemory(value: unknown): PanelMemory | undefined {
  if (!isRecord(value)) return undefined;
  const { imageId, name, tab } = value;
  if (typeof imageId !== 'string' || !/^sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128})$/.test(imageId)) {
    return undefined;
  }
  return {
    imageId,
    tab: isPanelTab(tab) ? tab : 'overview',
    ...(typeof name === 'string' && name !== '' && name.length <= 512 ? { name } : {}),
  };
}
