import { stat } from 'node:fs/promises';
import { dirname, normalize } from 'node:path';
import { isStrataError } from '../../base/errors.ts';
import { writeWhole } from '../../base/wholeFile.ts';
import type { ArchiveEvent, ArchiveFormat } from '../../images/index.ts';
import { parseReference } from '../../reference/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { daemonFailureText } from '../failures.ts';

const FORMATS: readonly ArchiveFormat[] = ['docker-archive', 'oci-archive'];

export const saveCommand: Command = {
  names: ['save', 'image save'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'save',
  flags: {
    format: {
      type: 'string',
      description: `Write one format alone ("${FORMATS.join('"|"')}"); an archive that is both unless given`,
      completes: FORMATS,
    },
    output: {
      short: 'o',
      type: 'string',
      description: 'Write to a file, instead of STDOUT',
      completes: 'files',
    },
  },
  args: { min: 1, max: Infinity },
  completes: ['images'],
  async run(context, parsed) {
    const { app, stdout, stdoutStream, stderr, signal, text } = context;
    const output = parsed.value('output') ?? '';
    if (output === '' && stdout.isTerminal) {
      stderr.write('cowardly refusing to save to a terminal. Use the -o flag or redirect\n');
      return 1;
    }
    const given = parsed.value('format');
    const format = FORMATS.find((name) => name === given);
    if (given !== undefined && format === undefined) {
      stderr.write(`invalid format "${given}": use ${FORMATS.join(' or ')}\n`);
      return 1;
    }
    const problem = output === '' ? undefined : await outputProblem(output);
    if (problem !== undefined) {
      stderr.write(`failed to save image: ${problem}\n`);
      return 1;
    }
    const request = { names: parsed.args, ...(format === undefined ? {} : { format }) };
    const options = { signal, onProgress: warnings(context) };
    try {
      if (output === '') await app.save(request, stdoutStream, options);
      else await writeWhole(output, async (sink) => await app.save(request, sink, options));
      return 0;
    } catch (error) {
      if (signal.aborted || !isStrataError(error)) throw error;
      const isMissing = isStrataError(error, 'image-not-found') && hasTag(error.params.name);
      // Docker looks up a name with a tag otherwise than a name alone (moby image/tarexport/save.go, parseNames).
      stderr.write(
        isMissing
          ? 'Error response from daemon: reference does not exist\n'
          : `${daemonFailureText(error, text)}\n`,
      );
      return 1;
    }
  },
};

function warnings({ stderr }: CommandContext): (event: ArchiveEvent) => void {
  return (event) => {
    if (event.kind === 'warning') stderr.write(`WARNING: ${event.message}\n`);
  };
}

function hasTag(name: string): boolean {
  try {
    const { tag, digest } = parseReference(name);
    return (tag ?? digest) !== undefined;
  } catch {
    return false;
  }
}

/** docker/cli cli/command/utils.go, ValidateOutputPath; a folder is refused before anything is written. */
async function outputProblem(path: string): Promise<string | undefined> {
  const folder = dirname(normalize(path));
  const folderStats = await stat(folder).catch(() => undefined);
  if (folderStats === undefined) return `invalid output path: directory "${folder}" does not exist`;
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || stats.isFile()) return undefined;
  if (stats.isDirectory()) return `invalid output path: "${path}" is a directory`;
  const kind = stats.isBlockDevice() || stats.isCharacterDevice() ? 'a device' : 'an irregular file';
  return `invalid output path: "${path}" must be a directory or a regular file: got ${kind}`;
}
