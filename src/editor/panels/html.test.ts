import { describe, expect, it } from 'vitest';
import { renderPage } from './html.ts';

const page = renderPage({
  cspSource: 'https://*.vscode-cdn.net',
  nonce: 'n0nce',
  scriptUri: 'https://host/webview.js?a=1&b=2',
  styleUri: 'https://host/webview.css',
  language: 'zh-cn',
  title: '"><script>alert(1)</script>',
  strings: { text: `it's "<b>"` },
});

describe('renderPage', () => {
  it('allows nothing but its own script, styles and font', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policy).toBe(
      "default-src 'none'; script-src 'nonce-n0nce'; " +
        "style-src https://*.vscode-cdn.net 'nonce-n0nce'; font-src https://*.vscode-cdn.net",
    );
  });

  it('has one script with the nonce and nothing inline', () => {
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('<script nonce="n0nce" src="https://host/webview.js?a=1&amp;b=2"></script>');
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  it('escapes what it is given', () => {
    expect(page).not.toContain('<script>alert');
    expect(page).toContain(
      'data-strings="{&quot;text&quot;:&quot;it&#39;s \\&quot;&lt;b&gt;\\&quot;&quot;}"',
    );
  });
});
