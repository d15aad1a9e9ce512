import { parsePanelMemory } from '../src/protocol/imagePanel.ts';
import type { PanelEvents, PanelMemory, PanelRequests } from '../src/protocol/imagePanel.ts';
import type { PanelStrings } from '../src/protocol/panelStrings.ts';
import { actionButton } from './components/actionButton.ts';
import type { PageContext } from './context.ts';
import { element } from './dom.ts';
import { createFormatter } from './format.ts';
import { ImagePage } from './panels/imagePage.ts';
import { Rpc } from './rpc.ts';
import './styles/main.css';
import { registerToolkit } from './toolkit.ts';

const REQUEST_TIMEOUT_MS = 30_000;

function main(): void {
  const root = document.getElementById('root');
  if (root === null) return;
  registerToolkit();
  // The host's own page, made together with this script.
  const strings = JSON.parse(root.dataset['strings'] ?? '{}') as PanelStrings;
  const vscode = acquireVsCodeApi<PanelMemory>();
  const live = element('div', { class: 'visually-hidden', attributes: { role: 'status' } });
  document.body.append(live);
  let page: ImagePage | undefined;
  const rpc = new Rpc<PanelRequests, PanelEvents>({
    post: (message) => vscode.postMessage(message),
    onEvent: (event) => {
      if (event.name === 'state') page?.show(event.value);
      else page?.select(event.value);
    },
    textOf: (code) => (code === 'timeout' ? strings.timedOut : strings.closed),
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  const context: PageContext = {
    strings,
    format: createFormatter(document.documentElement.lang),
    rpc,
    announce: (text) => {
      // Emptied first, so that the same text is said twice.
      live.textContent = '';
      requestAnimationFrame(() => (live.textContent = text));
    },
  };
  window.addEventListener('message', (event) => rpc.receive(event.data));
  window.addEventListener('pagehide', () => rpc.close());

  const start = async (): Promise<void> => {
    root.setAttribute('aria-busy', 'true');
    root.replaceChildren(
      element('vscode-progress-ring', { class: 'loading', attributes: { 'aria-label': strings.loading } }),
    );
    try {
      const answer = await rpc.request('start', {});
      const tab = answer.tab ?? parsePanelMemory(vscode.getState())?.tab ?? 'overview';
      page = new ImagePage({ context, root, tab, remember: (memory) => vscode.setState(memory) });
      page.show(answer.state);
    } catch (error) {
      root.removeAttribute('aria-busy');
      root.replaceChildren(
        element(
          'main',
          { class: 'absence' },
          element('h2', {}, strings.failedTitle),
          element('p', {}, error instanceof Error ? error.message : String(error)),
          actionButton({ label: strings.tryAgain, primary: true, onClick: () => void start() }),
        ),
      );
    }
  };
  void start();
}

main();
