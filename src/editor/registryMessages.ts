import * as vscode from 'vscode';
import type { ErrorParams, UnreachableReason } from '../base/errors.ts';
import { message } from './failureMessage.ts';
import type { Failure, FailureMessage } from './failureMessage.ts';
import { displayWait } from './format.ts';
import { sentences } from './text.ts';

/** What a registry, or the way to it, can fail with. */
type RegistryFailure = Extract<
  Failure,
  {
    readonly code:
      | `registry-${string}`
      | 'too-many-redirects'
      | 'proxy-invalid'
      | 'credentials-helper-failed'
      | 'search-unsupported'
      | 'delete-unsupported'
      | 'push-denied';
  }
>;

/** Words a registry's failure. Exhaustive, as `failureMessage` is. */
export function registryMessage(failure: RegistryFailure): FailureMessage {
  switch (failure.code) {
    case 'registry-unreachable':
      return message(unreachableSentence(failure.params), 'retry', 'openSettings');
    case 'registry-tls':
      return message(
        vscode.l10n.t(
          'The certificate of {0} cannot be trusted: {1}. If the registry is your own, add its CA in the settings.',
          failure.params.host,
          failure.params.detail,
        ),
        'openSettings',
        'retry',
      );
    case 'registry-unauthorized':
      return { ...unauthorized(failure.params), host: failure.params.host };
    case 'registry-forbidden':
      return {
        ...message(
          vscode.l10n.t(
            '{0} does not let you pull {1}. Sign in with an account that may.',
            failure.params.host,
            failure.params.name,
          ),
          'signIn',
        ),
        host: failure.params.host,
      };
    case 'registry-not-found':
      return message(
        vscode.l10n.t(
          '{0} has no image {1}. Check the name and the tag.',
          failure.params.host,
          failure.params.name,
        ),
      );
    case 'registry-rate-limited':
      return { ...rateLimited(failure.params), host: failure.params.host };
    case 'registry-failed':
      return message(
        failure.params.detail === ''
          ? vscode.l10n.t('{0} failed with status {1}.', failure.params.host, failure.params.status)
          : vscode.l10n.t(
              '{0} failed with status {1}: {2}',
              failure.params.host,
              failure.params.status,
              failure.params.detail,
            ),
        'retry',
      );
    case 'registry-invalid':
      return message(
        vscode.l10n.t(
          '{0} gave an answer that no registry should: {1}',
          failure.params.host,
          failure.params.detail,
        ),
        'retry',
      );
    case 'too-many-redirects':
      return message(vscode.l10n.t('{0} redirects without end.', failure.params.host), 'retry');
    case 'proxy-invalid':
      return message(
        vscode.l10n.t('{0} is not the address of a proxy.', failure.params.proxy),
        'openSettings',
      );
    case 'search-unsupported':
      return message(
        vscode.l10n.t(
          '{0} cannot be searched: it offers no search and no catalog ({1}). Type the whole name of the image instead.',
          failure.params.host,
          failure.params.detail,
        ),
      );
    case 'delete-unsupported':
      return message(
        failure.params.sharedWith === undefined
          ? vscode.l10n.t(
              '{0} does not allow deleting {1}. Whoever runs it can allow it.',
              failure.params.host,
              failure.params.name,
            )
          : vscode.l10n.t(
              '{0} deletes only the whole image behind {1}, and {2} needs it too. Nothing was deleted.',
              failure.params.host,
              failure.params.name,
              failure.params.sharedWith,
            ),
      );
    case 'push-denied':
      return {
        ...message(
          vscode.l10n.t(
            '{0} does not let you push {1}. Sign in with an account that may.',
            failure.params.host,
            failure.params.name,
          ),
          'signIn',
          'retry',
        ),
        host: failure.params.host,
      };
    case 'credentials-helper-failed':
      return message(
        vscode.l10n.t(
          'The credential helper {0} failed: {1}. Sign in here to do without it.',
          failure.params.helper,
          failure.params.detail,
        ),
        'signIn',
        'retry',
      );
  }
}

function unauthorized(params: ErrorParams['registry-unauthorized']): FailureMessage {
  return message(unauthorizedSentence(params), 'signIn', 'retry');
}

function unauthorizedSentence({ host, name, signedIn }: ErrorParams['registry-unauthorized']): string {
  if (signedIn && name === host) {
    return vscode.l10n.t(
      '{0} refuses your credentials. With two-factor authentication, use an access token as the password.',
      host,
    );
  }
  if (signedIn) {
    return vscode.l10n.t(
      '{0} refuses your credentials for {1}. Sign in again; with two-factor authentication, use an access token as the password.',
      host,
      name,
    );
  }
  return name === host
    ? vscode.l10n.t('{0} shows this only to those who sign in.', host)
    : vscode.l10n.t(
        '{0} does not give {1} without signing in: either the image does not exist there, or it is private.',
        host,
        name,
      );
}

/** Docker Hub counts pulls by address, or by account once signed in (docs.docker.com/docker-hub/usage). */
const DOCKER_HUB_HOSTS: readonly string[] = ['docker.io', 'registry-1.docker.io', 'index.docker.io'];

function rateLimited(params: ErrorParams['registry-rate-limited']): FailureMessage {
  const wait = params.retryAfterSeconds;
  const when =
    wait === undefined
      ? vscode.l10n.t('Try again later.')
      : vscode.l10n.t('Try again {0}.', displayWait(wait, vscode.env.language));
  const why = DOCKER_HUB_HOSTS.includes(params.host)
    ? vscode.l10n.t(
        'Docker Hub limits pulls by network address, and the limit of yours is used up. Signing in raises it.',
      )
    : vscode.l10n.t('{0} limits requests, and your limit is used up for now.', params.host);
  return message(sentences(why, when), 'signIn', 'retry');
}

function unreachableSentence(params: ErrorParams['registry-unreachable']): string {
  const reason: UnreachableReason = params.reason;
  switch (reason) {
    case 'unknown-host':
      return vscode.l10n.t(
        'The host {0} cannot be found. Check its name and your network connection.',
        params.host,
      );
    case 'refused':
      return vscode.l10n.t(
        '{0} refuses the connection: no registry is running there, or a firewall is in between.',
        params.host,
      );
    case 'timeout':
      return vscode.l10n.t('{0} does not answer.', params.host);
    case 'broken':
      return vscode.l10n.t(
        'The connection to {0} keeps breaking. What has arrived is kept: a retry goes on from there.',
        params.host,
      );
    case 'proxy':
      return vscode.l10n.t('{0} cannot be reached through the proxy: {1}', params.host, params.detail);
    case 'other':
      return vscode.l10n.t('{0} cannot be reached: {1}', params.host, params.detail);
  }
}
