import { isStrataError } from '../../base/errors.ts';
import type { Command } from '../command.ts';

function inspect(names: readonly string[], object: 'object' | 'image'): Command {
  return {
    names,
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    summary: 'inspect',
    flags: {},
    args: { min: 1, max: Infinity },
    async run({ app, stdout, stderr }, parsed) {
      const found: unknown[] = [];
      const missing: string[] = [];
      for (const name of parsed.args) {
        try {
          found.push(await app.inspect(name));
        } catch (error) {
          if (!isStrataError(error, 'image-not-found')) throw error;
          missing.push(name);
        }
      }
      stdout.write(`${JSON.stringify(found, undefined, 4)}\n`);
      for (const name of missing) stderr.write(`Error: No such ${object}: ${name}\n`);
      return missing.length === 0 ? 0 : 1;
    },
  };
}

/** Docker's short form looks for any object, and says so. */
export const inspectCommands: readonly Command[] = [
  inspect(['inspect'], 'object'),
  inspect(['image inspect'], 'image'),
];
