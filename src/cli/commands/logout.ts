import { homedir } from 'node:os';
import { describeError, isStrataError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { DockerLogins } from '../../registry/index.ts';
import type { Command } from '../command.ts';
import { hostnameOf, readServer } from '../server.ts';

export const logoutCommand: Command = {
  names: ['logout'],
  usage: '[SERVER]',
  summary: 'logout',
  flags: {},
  args: { min: 0, max: 1 },
  completes: ['registries'],
  /** docker/cli command/registry/logout.go: credentials that are not there are no failure. */
  async run({ stdout, stderr, env }, parsed) {
    const [given = ''] = parsed.args;
    const { key } = readServer(given);
    const shown = given === '' ? key : hostnameOf(given);
    stdout.write(`Removing login credentials for ${shown}\n`);
    try {
      await new DockerLogins({ env, homedir: homedir(), logger: silentLogger }).erase(key);
    } catch (error) {
      if (!isStrataError(error)) throw error;
      stderr.write(`WARNING: could not erase credentials:\n${shown}: ${describeError(error)}\n`);
    }
    return 0;
  },
};
