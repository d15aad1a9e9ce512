import { describe, expect, it } from 'vitest';
import { parseRequest } from './envelope.ts';
import { isPanelTab, panelChecks, parsePanelMemory } from './imagePanel.ts';

const checks = panelChecks(10);

describe('parseRequest', () => {
  it('takes what the panel may ask', () => {
    const message = { type: 'request', id: 3, method: 'copy', params: { text: 'ten chars.' } };
    expect(parseRequest(message, checks)).toEqual({ kind: 'request', request: message });
    const start = { type: 'request', id: 1, method: 'start', params: {} };
    expect(parseRequest(start, checks)).toEqual({ kind: 'request', request: start });
  });

  it('keeps nothing of a message but what it knows', () => {
    const message = { type: 'request', id: 1, method: 'start', params: {}, extra: 'x' };
    expect(parseRequest(message, checks)).toEqual({
      kind: 'request',
      request: { type: 'request', id: 1, method: 'start', params: {} },
    });
  });

  it.each([
    ['text too long', 'copy', { text: 'eleven char' }],
    ['text of the wrong type', 'copy', { text: 5 }],
    ['no text', 'copy', {}],
    ['no parameters', 'start', undefined],
    ['parameters where none belong', 'start', { tab: 'layers' }],
    ['a list', 'start', []],
    ['an unknown method', 'removeAll', {}],
    ['a method of every object', 'constructor', {}],
    ['a method of every object', '__proto__', {}],
    ['a method that is no text', 7, {}],
  ])('refuses %s (%s), with its id', (_what, method, params) => {
    expect(parseRequest({ type: 'request', id: 9, method, params }, checks)).toMatchObject({
      kind: 'refused',
      id: 9,
    });
  });

  it.each([null, undefined, 'request', 4, [], {}, { type: 'response', id: 1, ok: 1 }])(
    'ignores what is no request: %j',
    (message) => {
      expect(parseRequest(message, checks)).toEqual({ kind: 'ignored' });
    },
  );

  it.each([0, -1, 1.5, '1', Number.NaN, undefined])('ignores a request with the id %s', (id) => {
    expect(parseRequest({ type: 'request', id, method: 'start', params: {} }, checks)).toEqual({
      kind: 'ignored',
    });
  });
});

describe('parsePanelMemory', () => {
  const imageId = `sha256:${'a'.repeat(64)}`;

  it('takes what the panel kept', () => {
    const memory = { imageId, name: 'alpine:latest', tab: 'history' };
    expect(parsePanelMemory(memory)).toEqual(memory);
  });

  it('falls back to the first tab, and leaves a bad name out', () => {
    expect(parsePanelMemory({ imageId, tab: 'gone', name: 5 })).toEqual({ imageId, tab: 'overview' });
    expect(parsePanelMemory({ imageId, name: 'x'.repeat(513) })).toEqual({ imageId, tab: 'overview' });
  });

  it.each([undefined, null, 'x', {}, { imageId: 5 }, { imageId: 'alpine' }, { imageId: `${imageId}\n` }])(
    'refuses %j',
    (value) => {
      expect(parsePanelMemory(value)).toBeUndefined();
    },
  );
});

describe('isPanelTab', () => {
  it('knows the four tabs', () => {
    expect(['overview', 'layers', 'history', 'inspect'].every(isPanelTab)).toBe(true);
    expect(isPanelTab('files')).toBe(false);
  });
});
