import { beforeAll, expect, it } from 'vitest';
import { strata } from '../support/cli.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import { runOk } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';

/** The help of each command beside docker's: usage, aliases, and the column of options, in words of our own. */

/** Options that docker has not. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  push: ['--platform'],
  'image push': ['--platform'],
  save: ['--format'],
  'image save': ['--format'],
};

let root: string;
beforeAll(async () => {
  requireParts('docker');
  const folder = await tempFolder();
  root = `${folder.path}/store`;
  return () => folder.remove();
});

interface Shape {
  readonly usage: string | undefined;
  readonly aliases: string | undefined;
  /** What stands left of the descriptions. */
  readonly options: readonly string[];
  /** Cells between the longest option and its description. */
  readonly gap: number;
}

function shapeOf(help: string, without: readonly string[] = []): Shape {
  const lines = help.split('\n');
  const start = lines.findIndex((line) => line === 'Options:') + 1;
  const rows = start === 0 ? [] : lines.slice(start).filter((line) => /^ {2}(?:-| {4}--)/.test(line));
  const options = rows.map((line) => /^ {2}(?:-\w, | {4})--[\w-]+(?: \w+)?(?= {3,})/.exec(line)?.[0] ?? line);
  return {
    usage: lines[1],
    aliases: lines[lines.indexOf('Aliases:') + 1],
    options: options.filter((option) => !without.some((own) => option.includes(own))),
    gap: Math.min(...rows.map((line, i) => /^ */.exec(line.slice(options[i]?.length))?.[0].length ?? 0)),
  };
}

it.each([
  ...['pull', 'images', 'rmi', 'history', 'inspect', 'tag', 'push', 'save', 'load', 'import'],
  ...['search', 'login', 'logout', 'system df'],
  ...['pull', 'ls', 'list', 'rm', 'remove', 'rmi', 'history', 'inspect', 'tag', 'push', 'save', 'load'].map(
    (name) => `image ${name}`,
  ),
  ...['image import', 'image prune'],
])('%s --help', async (command) => {
  const words = [...command.split(' '), '--help'];
  const theirs = await runOk(REAL_PARTS.docker.path, words, { env: { PATH: '', HOME: '/nonexistent' } });
  const own = await strata(words, { root });
  expect([own.code, own.stderr]).toEqual([0, '']);
  expect(shapeOf(own.stdout, OWN[command])).toEqual(shapeOf(theirs.replaceAll('docker', 'strata')));
});

it.each(['image', 'system'])('%s --help', async (group) => {
  const theirs = await runOk(REAL_PARTS.docker.path, [group, '--help'], {
    env: { PATH: '', HOME: '/nonexistent' },
  });
  const own = await strata([group, '--help'], { root });
  const commands = (help: string): string[] => [...help.matchAll(/^ {2}\w+ +(?=\w)/gm)].map(([row]) => row);
  const others = group === 'image' ? ['build'] : ['events', 'info', 'prune'];
  const ours = commands(own.stdout).filter((row) => row.trim() !== 'copy');
  expect(ours).toEqual(commands(theirs).filter((row) => !others.includes(row.trim())));
  expect(own.stdout.split('\n').at(-2)).toBe(theirs.split('\n').at(-2)?.replaceAll('docker', 'strata'));
});
