import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CommandId } from './commandIds.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
    readonly submenus: readonly { readonly id: string }[];
    readonly keybindings: readonly { readonly command: string; readonly when?: string }[];
  };
}

interface MenuEntry {
  /** Absent where a submenu stands. */
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

async function contributes(): Promise<Manifest['contributes']> {
  const text = await readFile(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as Manifest).contributes;
}

const ids = Object.values(CommandId);

it('package.json contributes exactly these commands, each with its translated title', async () => {
  const { commands } = await contributes();
  expect(commands.map(({ command }) => command).toSorted()).toEqual(ids.toSorted());
  for (const { command, title, category } of commands) {
    expect(title).toBe(`%command.${command.slice('strata.'.length)}%`);
    expect(category).toBe('%command.category%');
  }
});

it('menus and keys name only these commands', async () => {
  const { menus, keybindings } = await contributes();
  const entries: readonly MenuEntry[] = [...Object.values(menus).flat(), ...keybindings];
  const used = entries.flatMap(({ command }) => command ?? []);
  expect(used.filter((command) => !ids.some((id) => id === command))).toEqual([]);
});

it('every submenu stands in a menu and has entries', async () => {
  const { menus, submenus } = await contributes();
  const shown = Object.values(menus).flatMap((entries) => entries.flatMap(({ submenu }) => submenu ?? []));
  const known = submenus.map(({ id }) => id).toSorted();
  expect([...new Set(shown)].toSorted()).toEqual(known);
  for (const id of known) expect(menus[id]?.length, id).toBeGreaterThan(0);
});

it('keys work in our own view only, so that they override nothing', async () => {
  for (const { when } of (await contributes()).keybindings)
    expect(when).toContain('focusedView == strata.images');
});

it('a row has at most three inline actions', async () => {
  const { menus } = await contributes();
  const inline = (menus['view/item/context'] ?? []).filter(({ group }) => group?.startsWith('inline'));
  const rows = new Set(inline.map(({ when }) => when));
  for (const row of rows) expect(inline.filter(({ when }) => when === row).length).toBeLessThanOrEqual(3);
});
