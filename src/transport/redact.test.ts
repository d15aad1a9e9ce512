import { describe, expect, it } from 'vitest';
import { redactText, redactUrl } from './redact.ts';

describe('redactUrl', () => {
  it('hides userinfo and the values of unknown parameters, and keeps what is plain', () => {
    expect(redactUrl('https://me:secret@auth.test/token?service=x&scope=repository%3Aa%3Apull')).toBe(
      'https://***@auth.test/token?service=x&scope=repository:a:pull',
    );
    expect(redactUrl('https://s3.test/blob?X-Amz-Signature=abc&sig=def&n=5#frag')).toBe(
      'https://s3.test/blob?X-Amz-Signature=***&sig=***&n=5',
    );
  });
  it('hides what it can of a text that is no URL', () => {
    expect(redactUrl('http://me:secret@[bad/?token=x')).toBe('http://***@[bad/?***');
  });
});

describe('redactText', () => {
  it('hides Authorization values and secrets of URLs, and makes one short line', () => {
    const text = redactText(
      `bad header Bearer eyJhbGciOi.x.y\nat https://u:p@h.test/x?token=t\u001b[31m ${'z'.repeat(9000)}`,
    );
    for (const secret of ['eyJ', 'u:p', '=t\u001b', '\u001b', '\n']) expect(text).not.toContain(secret);
    expect(text).toContain('https://***@h.test/x?token=***');
    expect(text.length).toBeLessThanOrEqual(300);
  });
});
