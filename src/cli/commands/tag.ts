import { isStrataError } from '../../base/errors.ts';
import { parseIdPrefix, parseReference } from '../../reference/index.ts';
import type { Command } from '../command.ts';
import { referenceProblem } from '../failures.ts';

const WHOLE_ID = 64;

export const tagCommand: Command = {
  names: ['tag', 'image tag'],
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'tag',
  flags: {},
  args: { min: 2, max: 2 },
  completes: ['images', 'repositories'],
  async run({ app, stderr }, parsed) {
    const [source = '', target = ''] = parsed.args;
    const problem = nameProblem(source, true) ?? nameProblem(target, false);
    if (problem !== undefined) {
      stderr.write(`${problem}\n`);
      return 1;
    }
    await app.tag(source, target);
    return 0;
  },
};

/** What Docker's client finds wrong with a name before it asks the daemon (moby client/image_tag.go). */
function nameProblem(name: string, isSource: boolean): string | undefined {
  if (isSource && parseIdPrefix(name)?.length === WHOLE_ID) return undefined;
  try {
    const { digest } = parseReference(name);
    return digest === undefined || isSource ? undefined : 'refusing to create a tag with a digest reference';
  } catch (error) {
    if (!isStrataError(error, 'reference-invalid')) throw error;
    const shown = JSON.stringify(name);
    return `Error parsing reference: ${shown} is not a valid repository/tag: ${referenceProblem(error)}`;
  }
}
