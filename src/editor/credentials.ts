import type { Logger } from '../base/logger.ts';
import { chainSources, dockerConfigSource } from '../registry/index.ts';
import type { CredentialSource } from '../registry/index.ts';
import type { SecretCredentials } from './secrets.ts';

/** What the person gave to Strata first, then what `docker login` left. */
export function createCredentials(
  secrets: SecretCredentials,
  logger: Logger,
  homedir: string,
): CredentialSource {
  return chainSources([secrets, dockerConfigSource({ env: process.env, homedir, logger })]);
}
