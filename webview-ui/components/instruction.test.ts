import { describe, expect, it } from 'vitest';
import { readInstruction, unfoldCommand } from './instruction.ts';

describe('readInstruction', () => {
  it.each([
    ['/bin/sh -c #(nop)  CMD ["/bin/sh"]', 'CMD', '["/bin/sh"]'],
    ['/bin/sh -c #(nop) ADD file:ab12 in / ', 'ADD', 'file:ab12 in /'],
    ['/bin/sh -c apt-get update     && apt-get install x', 'RUN', 'apt-get update && apt-get install x'],
    ['RUN /bin/sh -c npm ci # buildkit', 'RUN', 'npm ci'],
    ['RUN |1 SITE=docs /bin/sh -c npm ci # buildkit', 'RUN', 'npm ci'],
    ['|2 A=1 B=2 /bin/sh -c make', 'RUN', 'make'],
    ['COPY docker-entrypoint.sh / # buildkit', 'COPY', 'docker-entrypoint.sh /'],
    ['CMD ["nginx" "-g" "daemon off;"]', 'CMD', '["nginx" "-g" "daemon off;"]'],
    ["# debian.sh --arch 'amd64' out/", '', "# debian.sh --arch 'amd64' out/"],
    ['RUNNER --now', '', 'RUNNER --now'],
    ['RUN <<EOF\n\techo hi\nEOF', 'RUN', '<<EOF echo hi EOF'],
    ['', '', ''],
  ])('%j', (createdBy, keyword, rest) => {
    expect(readInstruction(createdBy)).toEqual({ keyword, rest });
  });

  it('looks at no more than a line can show', () => {
    const { rest } = readInstruction(`RUN ${'x'.repeat(5_000_000)}`);
    expect(rest.length).toBeLessThanOrEqual(1000);
  });
});

describe('unfoldCommand', () => {
  it('breaks at the runs of spaces that continuations left', () => {
    expect(unfoldCommand('RUN set -x     && a\t\tb c')).toBe('RUN set -x\n    && a\n    b c');
  });

  it('leaves a text with lines of its own, and single spaces, as they are', () => {
    expect(unfoldCommand('RUN <<E\n  a  b\nE')).toBe('RUN <<E\n  a  b\nE');
    expect(unfoldCommand('  a b  ')).toBe('  a b  ');
  });
});
