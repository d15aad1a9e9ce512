import * as vscode from 'vscode';
import type {
  ErrorCode,
  ErrorParams,
  ReferenceProblem,
  StrataError,
  UnreachableReason,
} from '../base/errors.ts';
import { displaySize, displayWait } from './format.ts';
import { sentences } from './text.ts';

/** What a person can do about a failure; the labels are in failures.ts. */
export type FailureAction = 'retry' | 'signIn' | 'openSettings';

export interface FailureMessage {
  /** What failed, why, and what to do, in the person's language. */
  readonly sentence: string;
  /** The most helpful first. Show Log comes after them, always. */
  readonly actions: readonly FailureAction[];
  /** Where Sign In would sign in. */
  readonly host?: string;
}

/** A StrataError as the union it is: the class itself cannot be narrowed by its code. */
type Failure = { [C in ErrorCode]: { readonly code: C; readonly params: ErrorParams[C] } }[ErrorCode];

const message = (sentence: string, ...actions: readonly FailureAction[]): FailureMessage => ({
  sentence,
  actions,
});

/** Words a failure. Exhaustive: a new code does not compile without its sentence. */
export function failureMessage(error: StrataError): FailureMessage {
  // StrataError's constructor holds code and params together.
  const failure = error as unknown as Failure;
  switch (failure.code) {
    case 'reference-invalid':
      return message(referenceSentence(failure.params));
    case 'image-not-found':
      return message(vscode.l10n.t('There is no image {0} here.', failure.params.name));
    case 'id-ambiguous':
      return message(
        vscode.l10n.t('More than one image has an ID that begins with {0}.', failure.params.prefix),
      );
    case 'image-conflict':
      return message(conflictSentence(failure.params));
    case 'platform-invalid':
      return message(
        vscode.l10n.t(
          '"{0}" is not a platform: write it as os/architecture, such as linux/arm64.',
          failure.params.platform,
        ),
        'openSettings',
      );
    case 'platform-missing':
      return message(
        vscode.l10n.t(
          '{0} is not offered for {1}, only for {2}.',
          failure.params.name,
          failure.params.platform,
          failure.params.available,
        ),
        'openSettings',
      );
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
    case 'manifest-unsupported':
      return message(
        failure.params.schema1
          ? vscode.l10n.t(
              '{0} is in the old schema 1 format, which is no longer supported. Push it again with a current tool.',
              failure.params.name,
            )
          : vscode.l10n.t(
              '{0} is not an image, but of type {1}',
              failure.params.name,
              failure.params.mediaType,
            ),
      );
    case 'digest-mismatch':
      return message(
        vscode.l10n.t(
          'What arrived for {0} is not what was asked for: its digest is {2}, not {1}. Nothing of it was kept.',
          shortDigests(failure.params.what),
          shortDigests(failure.params.expected),
          shortDigests(failure.params.actual),
        ),
        'retry',
      );
    case 'size-mismatch':
      return message(
        vscode.l10n.t(
          'What arrived for {0} has the wrong size: {2} bytes instead of {1}. Nothing of it was kept.',
          shortDigests(failure.params.what),
          failure.params.expected,
          failure.params.actual,
        ),
        'retry',
      );
    case 'digest-invalid':
      return message(vscode.l10n.t('{0} is not a valid digest.', failure.params.digest));
    case 'content-invalid':
      return message(
        vscode.l10n.t('{0} cannot be read: {1}', failure.params.what, failure.params.detail),
        'retry',
      );
    case 'too-large':
      return message(
        vscode.l10n.t(
          '{0} is larger than Strata accepts ({1}).',
          failure.params.what,
          displaySize(failure.params.limit),
        ),
      );
    case 'disk-full':
      return message(diskFullSentence(failure.params), 'retry', 'openSettings');
    case 'store-unwritable':
      return message(
        vscode.l10n.t('Cannot write to the store at {0}: {1}', failure.params.path, failure.params.detail),
        'openSettings',
        'retry',
      );
    case 'store-unreadable':
      return message(
        vscode.l10n.t('Cannot read the store at {0}: {1}', failure.params.path, failure.params.detail),
        'openSettings',
        'retry',
      );
    case 'store-corrupt':
      return message(
        vscode.l10n.t(
          '{0} is damaged: {1}. Nothing was changed. Restore that file, or choose another folder for the images.',
          failure.params.path,
          failure.params.detail,
        ),
        'retry',
        'openSettings',
      );
    case 'store-busy':
      return message(
        vscode.l10n.t(
          'Images are being pulled into the store at {0}. Let the pulls finish first, in other windows and terminals too.',
          failure.params.path,
        ),
        'retry',
      );
    case 'store-folder-invalid':
      return message(
        vscode.l10n.t(
          '{0} cannot hold the images: choose a folder that is empty or absent.',
          failure.params.path,
        ),
        'openSettings',
      );
    case 'blob-missing':
      return message(
        vscode.l10n.t('The store has lost {0}. Pull the image again.', failure.params.digest),
        'retry',
      );
    case 'config-invalid':
      return message(
        vscode.l10n.t(
          'The configuration {0} cannot be used: {1}',
          failure.params.path,
          failure.params.detail,
        ),
        'openSettings',
      );
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
    case 'proxy-invalid':
      return message(
        vscode.l10n.t('{0} is not the address of a proxy.', failure.params.proxy),
        'openSettings',
      );
    case 'filter-invalid':
      return message(vscode.l10n.t('This filter cannot be used: {0}', failure.params.detail));
    case 'change-invalid':
      return message(vscode.l10n.t('This Dockerfile instruction cannot be used: {0}', failure.params.detail));
    case 'tag-invalid':
      return message(
        failure.params.reason === 'digest'
          ? vscode.l10n.t(
              '{0} has a digest: an image can be given a name and a tag only.',
              failure.params.name,
            )
          : vscode.l10n.t('{0} cannot be a name: it reads like a digest.', failure.params.name),
      );
    case 'file-unreadable':
      return message(
        vscode.l10n.t('Cannot read {0}: {1}', failure.params.path, failure.params.detail),
        'retry',
      );
    case 'file-unwritable':
      return message(
        vscode.l10n.t('Cannot write {0}: {1}', failure.params.path, failure.params.detail),
        'retry',
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
    case 'nothing-to-push':
      return message(vscode.l10n.t('There is no image {0} here to push.', failure.params.name));
    case 'copy-place-invalid':
      return message(
        failure.params.side === 'source'
          ? vscode.l10n.t('Cannot copy from {0}: {1}', failure.params.place, failure.params.detail)
          : vscode.l10n.t('Cannot copy to {0}: {1}', failure.params.place, failure.params.detail),
      );
    case 'copy-failed':
      return message(
        failure.params.side === 'source'
          ? vscode.l10n.t('Cannot copy from {0}: {1}', failure.params.place, failure.params.detail)
          : vscode.l10n.t('Cannot copy to {0}: {1}', failure.params.place, failure.params.detail),
        'retry',
      );
    case 'certificate-unreadable':
      return message(
        vscode.l10n.t(
          'Cannot read the certificate file {0}: {1}',
          failure.params.path,
          failure.params.detail,
        ),
        'openSettings',
      );
  }
}

/** Whole digests make a notification unreadable; the log has them. */
function shortDigests(text: string): string {
  return text.replaceAll(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]{20,}/g, '$1…');
}

function conflictSentence({ name, reason, container = '' }: ErrorParams['image-conflict']): string {
  switch (reason) {
    case 'children':
      return vscode.l10n.t('{0} is in use: other images were made from it.', name);
    case 'names':
      return vscode.l10n.t('{0} is in use: it has several names.', name);
    case 'running-container':
      return vscode.l10n.t('{0} is in use by the running container {1}.', name, container);
    case 'stopped-container':
      return vscode.l10n.t('{0} is in use by the stopped container {1}.', name, container);
    case 'container':
      return vscode.l10n.t('{0} is in use by the container {1}.', name, container);
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

function diskFullSentence(params: ErrorParams['disk-full']): string {
  if (params.needed === undefined || params.free === undefined) {
    return vscode.l10n.t('The disk of {0} is full. Free some space; what has arrived is kept.', params.path);
  }
  return vscode.l10n.t(
    'The disk of {0} has not enough space: {1} are needed, {2} are free.',
    params.path,
    displaySize(params.needed),
    displaySize(params.free),
  );
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

/** Also shown while a name is typed. */
export function referenceSentence(params: ErrorParams['reference-invalid']): string {
  const reason: ReferenceProblem = params.reason;
  switch (reason) {
    case 'empty':
      return vscode.l10n.t('A name is needed.');
    case 'uppercase':
      return vscode.l10n.t('"{0}" must be lower case.', params.part);
    case 'too-long':
      return vscode.l10n.t('The name is too long: 255 characters are allowed.');
    case 'host':
      return vscode.l10n.t('"{0}" is not the host name of a registry.', params.part);
    case 'path':
      return vscode.l10n.t(
        '"{0}" cannot be part of a repository name: use lower-case letters and digits, with . _ or - between them.',
        params.part,
      );
    case 'tag':
      return params.part === ''
        ? vscode.l10n.t('A tag must follow the colon.')
        : vscode.l10n.t('"{0}" is not a tag: letters, digits, . _ and - are allowed.', params.part);
    case 'digest':
      return params.part === ''
        ? vscode.l10n.t('A digest must follow the @.')
        : vscode.l10n.t('"{0}" is not a digest: that is sha256: and 64 hexadecimal characters.', params.part);
    case 'bare-id':
      return vscode.l10n.t('This is an image ID, not a name that can be pulled.');
    case 'format':
      return vscode.l10n.t('"{0}" is not an image name.', params.part);
  }
}
