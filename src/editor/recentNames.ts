/** The part of VS Code's Memento that is used: what a window remembers for all workspaces. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const KEY = 'strata.recentNames';
const MAX_RECENT = 20;

/** Names pulled lately, newest first, as a person reads them. */
export function recentNames(memory: Memory): readonly string[] {
  const stored = memory.get(KEY);
  return Array.isArray(stored) ? stored.filter((name) => typeof name === 'string') : [];
}

export async function rememberName(memory: Memory, name: string): Promise<void> {
  const names = [name, ...recentNames(memory).filter((other) => other !== name)];
  await memory.update(KEY, names.slice(0, MAX_RECENT));
}

export async function forgetName(memory: Memory, name: string): Promise<void> {
  await memory.update(
    KEY,
    recentNames(memory).filter((other) => other !== name),
  );
}
