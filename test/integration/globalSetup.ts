import { buildCli } from '../support/builtCli.ts';
import { CLI_FOLDER } from '../support/cli.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import type { RealPart } from '../support/realParts.ts';

/** Fails before the first test when a real part is missing: never a silent skip. Then makes the command line. */
export async function setup(): Promise<() => Promise<void>> {
  requireParts(...(Object.keys(REAL_PARTS) as RealPart[]));
  const cli = await buildCli();
  process.env[CLI_FOLDER] = cli.path;
  return () => cli.remove();
}
