import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
let child: ChildProcess | undefined;
afterEach(() => void child?.kill('SIGKILL'));

function start(...args: string[]): { child: ChildProcess; output: () => string } {
  const started = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  const chunks: string[] = [];
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  }
  return { child: started, output: () => chunks.join('') };
}

it.skipIf(process.platform === 'win32')('serves the demo until it is interrupted', async () => {
  const { child: registry, output } = start('--port', '0', '--seed-demo');
  while (!output().includes('Registry ready at')) await new Promise((resolve) => setTimeout(resolve, 20));
  const url = /Registry ready at (http:\/\/localhost:\d+)\n/.exec(output())?.[1] ?? '';
  expect(output()).toContain(`${new URL(url).host}/demo/web:1.1\n`);
  const tags = await fetch(`${url}/v2/demo/web/tags/list`);
  expect(await tags.json()).toEqual({ name: 'demo/web', tags: ['1.0', '1.1', 'latest'] });
  registry.kill('SIGINT');
  expect(await once(registry, 'exit')).toEqual([0, null]);
});

it('says in short what it does not understand', async () => {
  const { child: registry, output } = start('--bogus');
  const [code] = (await once(registry, 'close')) as [number];
  expect(code).toBe(1);
  expect(output()).toContain("Unknown option '--bogus'");
  expect(output()).toContain('usage:');
});
