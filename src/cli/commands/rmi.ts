import { isStrataError } from '../../base/errors.ts';
import type { Command, CommandContext } from '../command.ts';
import { daemonFailureText } from '../failures.ts';

export const rmiCommand: Command = {
  names: ['rmi', 'image rm', 'image rmi', 'image remove'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'rmi',
  flags: {
    force: { short: 'f', type: 'boolean', description: 'Force removal of the image' },
    'no-prune': { type: 'boolean', description: 'Do not delete untagged parents' },
  },
  args: { min: 1, max: Infinity },
  completes: ['images'],
  async run(context, parsed) {
    const options = { force: parsed.isSet('force'), noPrune: parsed.isSet('no-prune') };
    const failures: { readonly text: string; readonly fatal: boolean }[] = [];
    for (const name of parsed.args) {
      try {
        await removeOne(context, name, options);
      } catch (error) {
        const isMissing = name === '' || isStrataError(error, 'image-not-found');
        const text = isMissing ? `Error: No such image: ${name}` : daemonFailureText(error, context.text);
        failures.push({ text, fatal: !(isMissing && options.force) });
      }
    }
    for (const failure of failures) context.stderr.write(`${failure.text}\n`);
    return failures.some((failure) => failure.fatal) ? 1 : 0;
  },
};

async function removeOne(
  { app, stdout }: CommandContext,
  name: string,
  options: { readonly force: boolean; readonly noPrune: boolean },
): Promise<void> {
  for (const record of await app.remove(name, options)) {
    stdout.write(record.kind === 'untagged' ? `Untagged: ${record.name}\n` : `Deleted: ${record.id}\n`);
  }
}
