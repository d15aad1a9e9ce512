import * as vscode from 'vscode';
import { isStrataError } from '../base/errors.ts';
import type { ErrorParams, ReferenceProblem, StrataError } from '../base/errors.ts';
import { message } from './failureMessage.ts';
import type { Failure, FailureMessage } from './failureMessage.ts';
import { displaySize } from './format.ts';
import { registryMessage } from './registryMessages.ts';

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
    case 'registry-tls':
    case 'registry-unauthorized':
    case 'registry-forbidden':
    case 'registry-not-found':
    case 'registry-rate-limited':
    case 'registry-failed':
    case 'registry-invalid':
    case 'too-many-redirects':
    case 'proxy-invalid':
    case 'search-unsupported':
    case 'delete-unsupported':
    case 'push-denied':
    case 'credentials-helper-failed':
      return registryMessage(failure);
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
    case 'nothing-to-push':
      return message(vscode.l10n.t('There is no image {0} here to push.', failure.params.name));
    case 'copy-place-invalid':
      return message(
        failure.params.side === 'source'
          ? vscode.l10n.t('Cannot copy from {0}: {1}', failure.params.place, failure.params.detail)
          : vscode.l10n.t('Cannot copy to {0}: {1}', failure.params.place, failure.params.detail),
      );
    case 'copy-failed':
      return copyMessage(failure.params, error.cause);
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

/** Its cause says it in the person's language, and knows what helps, such as where to sign in. */
function copyMessage({ side, place, detail }: ErrorParams['copy-failed'], cause: unknown): FailureMessage {
  const { sentence, actions, ...more } = isStrataError(cause) ? failureMessage(cause) : message(detail);
  return {
    ...more,
    ...message(
      side === 'source'
        ? vscode.l10n.t('Cannot copy from {0}: {1}', place, sentence)
        : vscode.l10n.t('Cannot copy to {0}: {1}', place, sentence),
      ...new Set([...actions, 'retry' as const]),
    ),
  };
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
