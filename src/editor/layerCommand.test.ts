import { expect, it } from 'vitest';
import { shortCommand } from './layerCommand.ts';

it.each([
  ['/bin/sh -c #(nop)  CMD ["/bin/sh"]', 'CMD ["/bin/sh"]'],
  ['/bin/sh -c #(nop) ADD file:0123 in / ', 'ADD file:0123 in /'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['|2 A=1 B=x y /bin/sh -c make', 'RUN make'],
  ['RUN /bin/sh -c apk add --no-cache git # buildkit', 'RUN apk add --no-cache git'],
  ['RUN |1 V=2 /bin/sh -c echo $V # buildkit', 'RUN echo $V'],
  ['COPY . /app # buildkit', 'COPY . /app'],
  ['bazel build ...', 'bazel build ...'],
  ['a\tb\n  c', 'a b c'],
  ['', ''],
])('%j → %j', (long, short) => {
  expect(shortCommand(long)).toBe(short);
});

it('cuts what is very long, and takes no time over what is hostile', () => {
  const start = performance.now();
  expect(shortCommand(`|1 ${'x '.repeat(50_000)}`)).toHaveLength(120);
  expect(performance.now() - start).toBeLessThan(200);
});
