import { describe, expect, it } from 'vitest';
import { StrataError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { isEmpty, isRecord } from '../../protocol/envelope.ts';
import type { ParamChecks, ResponseMessage } from '../../protocol/envelope.ts';
import { createMessageHandler } from './messageHandler.ts';
import type { Handlers } from './messageHandler.ts';

type Requests = {
  double: { params: { n: number }; result: number };
  fail: { params: Record<string, never>; result: null };
};

const checks: ParamChecks<Requests> = {
  double: (params): params is { n: number } => isRecord(params) && typeof params['n'] === 'number',
  fail: isEmpty,
};

function setUp(handlers: Partial<Handlers<Requests>> = {}) {
  const posted: ResponseMessage[] = [];
  const logged: string[] = [];
  const panel = new AbortController();
  const log = (message: string): void => void logged.push(message);
  const handle = createMessageHandler<Requests>({
    checks,
    handlers: {
      double: ({ n }) => Promise.resolve(n * 2),
      fail: () => Promise.reject(new StrataError('image-not-found', { name: 'alpine' })),
      ...handlers,
    },
    post: (message) => void posted.push(message),
    describe: () => 'in words',
    logger: { ...silentLogger, warn: log, error: log },
    closed: panel.signal,
  });
  return { handle, posted, logged, panel };
}

describe('createMessageHandler', () => {
  it('answers with what the handler gives', async () => {
    const { handle, posted } = setUp();
    await handle({ type: 'request', id: 4, method: 'double', params: { n: 21 } });
    expect(posted).toEqual([{ type: 'response', id: 4, ok: 42 }]);
  });

  it('answers a failure with its code and the sentence for it, and logs it', async () => {
    const { handle, posted, logged } = setUp();
    await handle({ type: 'request', id: 1, method: 'fail', params: {} });
    expect(posted).toEqual([
      { type: 'response', id: 1, error: { code: 'image-not-found', message: 'in words' } },
    ]);
    expect(logged.join()).toContain('No such image: alpine');
  });

  it('answers when a handler throws at once', async () => {
    const { handle, posted } = setUp({
      fail: () => {
        throw new TypeError('bug');
      },
    });
    await handle({ type: 'request', id: 1, method: 'fail', params: {} });
    expect(posted).toEqual([{ type: 'response', id: 1, error: { code: 'failed', message: 'in words' } }]);
  });

  it('refuses a bad request without calling its handler', async () => {
    const { handle, posted, logged } = setUp({ double: () => Promise.reject(new Error('called')) });
    await handle({ type: 'request', id: 2, method: 'double', params: { n: '21' } });
    expect(posted).toMatchObject([{ id: 2, error: { code: 'invalid-request' } }]);
    expect(logged).toHaveLength(1);
  });

  it('drops what is no request, with a word in the log', async () => {
    const { handle, posted, logged } = setUp();
    await handle({ hello: 'world' });
    expect(posted).toEqual([]);
    expect(logged).toHaveLength(1);
  });

  it('says nothing to a panel that has closed meanwhile', async () => {
    let answer: (value: number) => void = () => undefined;
    const { handle, posted, panel } = setUp({
      double: () => new Promise((resolve) => (answer = resolve)),
    });
    const handled = handle({ type: 'request', id: 1, method: 'double', params: { n: 1 } });
    panel.abort();
    answer(2);
    await handled;
    expect(posted).toEqual([]);
  });
});
