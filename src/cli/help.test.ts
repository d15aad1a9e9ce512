import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { commandHelp, groupHelp, programHelp, shortUsage } from './help.ts';
import { textFor } from './text.ts';

const text = textFor({});

function command(more: Partial<Command>): Command {
  return {
    names: ['search', 'image search'],
    usage: '[OPTIONS] TERM',
    summary: 'search',
    flags: {},
    args: { min: 1, max: 1 },
    run: () => Promise.resolve(0),
    ...more,
  };
}

describe('commandHelp', () => {
  it("sorts options, and shows values and defaults in pflag's words", () => {
    const flags = {
      'no-trunc': { type: 'boolean', description: 'Whole' },
      filter: { short: 'f', type: 'filter', description: 'Some' },
      limit: { type: 'number', default: '25', description: 'At most' },
      change: { short: 'c', type: 'list', description: 'Apply' },
      format: { type: 'string', description: 'Template' },
      name: { type: 'string', valueName: 'NAME', default: 'x', description: 'Called' },
      human: { short: 'H', type: 'boolean', default: 'true', description: 'For people' },
      off: { type: 'boolean', default: 'false', description: 'Off' },
    } as const;
    expect(commandHelp('search', command({ flags }), text, 80)).toBe(
      [
        '',
        'Usage:  strata search [OPTIONS] TERM',
        '',
        text.summaries.search,
        '',
        'Options:',
        '  -c, --change list     Apply',
        '  -f, --filter filter   Some',
        '      --format string   Template',
        '  -H, --human           For people (default true)',
        '      --limit int       At most (default 25)',
        '      --name NAME       Called (default "x")',
        '      --no-trunc        Whole',
        '      --off             Off',
        '',
      ].join('\n'),
    );
  });

  it('breaks what is longer than the terminal is wide', () => {
    const flags = {
      platform: { type: 'string', description: 'word '.repeat(20).trim() },
    } as const;
    const lines = commandHelp('search', command({ flags }), text, 80).split('\n');
    const broken = lines.slice(lines.indexOf('Options:') + 1, -1);
    expect(broken).toEqual([
      `      --platform string   ${'word '.repeat(9).trim()}`,
      `                          ${'word '.repeat(9).trim()}`,
      `                          word word`,
    ]);
  });

  it('says more where there is more to say', () => {
    const help = commandHelp('fsck', command({ names: ['fsck'], details: 'fsck' }), text, 80);
    expect(help).toContain(`\n\n${text.details.fsck}\n`);
  });
});

describe('lists of commands', () => {
  const commands = [
    command({}),
    command({ names: ['image ls', 'image list'], summary: 'images' }),
    command({ names: ['secret'], hidden: true }),
    command({ names: ['a-very-long-name'], summary: 'pull' }),
  ];

  it('hide what is hidden, and what has no short name', () => {
    const help = programHelp(commands, text, 80);
    expect(help).toContain(`\n  a-very-long-name ${text.summaries.pull}\n`);
    expect(help).toContain(`\n  search           ${text.summaries.search}\n`);
    expect(help).not.toMatch(/secret| ls/);
  });

  it('of a group are padded to eleven cells', () => {
    const help = groupHelp('image', commands, text);
    expect(help).toContain(
      `Commands:\n  ls          ${text.summaries.images}\n  search      ${text.summaries.search}\n\nRun`,
    );
  });
});

it('leaves nothing at the end of a usage line', () => {
  expect(shortUsage('x', command({ usage: '' }), text)).toMatch(/^Usage: {2}strata x\n\n/);
});
