/** The part of VS Code's Memento that is used: what a window remembers for all workspaces. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const MAX_RECENT = 20;

/** Texts that a person gave lately, newest first. */
interface RecentTexts {
  list(memory: Memory): readonly string[];
  remember(memory: Memory, text: string): Promise<void>;
  forget(memory: Memory, text: string): Promise<void>;
}

function recentTexts(key: string): RecentTexts {
  const list = (memory: Memory): readonly string[] => {
    const stored = memory.get(key);
    return Array.isArray(stored) ? stored.filter((text) => typeof text === 'string') : [];
  };
  const others = (memory: Memory, text: string): readonly string[] =>
    list(memory).filter((other) => other !== text);
  return {
    list,
    async remember(memory, text) {
      await memory.update(key, [text, ...others(memory, text)].slice(0, MAX_RECENT));
    },
    async forget(memory, text) {
      await memory.update(key, others(memory, text));
    },
  };
}

/** Names pulled, as a person reads them. */
export const recentNames = recentTexts('strata.recentNames');
/** What was searched for and led to a pull. */
export const recentSearches = recentTexts('strata.recentSearches');
/** Registries, with a namespace where there was one, that images were copied to: `localhost:5000/team`. */
export const recentTargets = recentTexts('strata.recentTargets');
