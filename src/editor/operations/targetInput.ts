import * as vscode from 'vscode';
import { isStrataError } from '../../base/errors.ts';
import { familiarString, parseReference, withDefaultTag } from '../../reference/index.ts';
import { referenceSentence } from '../messages.ts';
import { readTypedName } from '../pullPicker/typedName.ts';
import { recentTargets } from '../recentNames.ts';
import type { Memory } from '../recentNames.ts';

const { Error: ErrorSeverity, Info } = vscode.InputBoxValidationSeverity;
const DOCKER_HUB = 'docker.io';

/**
 * Asks under which names the images are to be in the other registry: one whole name for one image, a place for several.
 * @param names familiar names; '' for an image that has none
 * @returns a canonical name for each, in their order; undefined when the person gives up
 */
export async function askTargets(
  memory: Memory,
  names: readonly string[],
): Promise<readonly string[] | undefined> {
  const [only] = names;
  const targets =
    names.length === 1 && only !== undefined ? await askName(memory, only) : await askPlace(memory, names);
  const [first] = targets ?? [];
  if (first !== undefined) await recentTargets.remember(memory, placeOf(first));
  return targets;
}

async function askName(memory: Memory, name: string): Promise<readonly string[] | undefined> {
  const [place] = recentTargets.list(memory);
  const value = place === undefined ? withoutHost(name) : `${place}/${lastPart(name)}`;
  const typed = await vscode.window.showInputBox({
    title: name === '' ? vscode.l10n.t('Copy to Registry') : vscode.l10n.t('Copy {0} to Registry', name),
    prompt: vscode.l10n.t('Name in the other registry: HOST/NAME:TAG, or ACCOUNT/NAME:TAG for Docker Hub'),
    value,
    // The host is what is to be written in front, where none is known yet.
    valueSelection: place === undefined ? [0, 0] : [0, place.length],
    ignoreFocusOut: true,
    validateInput: (text) => {
      const target = readTypedName(text);
      if (target.kind === 'empty') return problem(vscode.l10n.t('A name is needed.'));
      if (target.kind === 'invalid') return problem(referenceSentence(target.error.params));
      if (target.canonical.includes('@')) return problem(vscode.l10n.t('A tag is needed, not a digest.'));
      return { message: destination([target.canonical]), severity: Info };
    },
  });
  const target = typed === undefined ? undefined : readTypedName(typed);
  return target?.kind === 'valid' ? [target.canonical] : undefined;
}

async function askPlace(memory: Memory, names: readonly string[]): Promise<readonly string[] | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Copy {0} Images to Registry', names.length),
    prompt: vscode.l10n.t('Registry, with a path if there is one: localhost:5000, or ghcr.io/owner'),
    value: recentTargets.list(memory)[0] ?? '',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const targets = namesAt(text, names);
      return typeof targets === 'string'
        ? problem(targets)
        : { message: destination(targets), severity: Info };
    },
  });
  const targets = typed === undefined ? undefined : namesAt(typed, names);
  return typeof targets === 'string' ? undefined : targets;
}

/** The names at a place, or what is wrong with it. */
function namesAt(text: string, names: readonly string[]): readonly string[] | string {
  const place = text.trim().replace(/\/+$/, '');
  if (place === '') return vscode.l10n.t('A name is needed.');
  const targets: string[] = [];
  for (const name of names) {
    const target = readTypedName(`${place}/${lastPart(name)}`);
    if (target.kind !== 'valid')
      return target.kind === 'invalid'
        ? referenceSentence(target.error.params)
        : vscode.l10n.t('A name is needed.');
    if (targets.includes(target.canonical))
      return vscode.l10n.t('Two of the images would both become {0}: copy them one by one.', target.familiar);
    targets.push(target.canonical);
  }
  return targets;
}

function problem(message: string): vscode.InputBoxValidationMessage {
  return { message, severity: ErrorSeverity };
}

/** Where it would go, in full: a name without a host says nothing of it. */
function destination(targets: readonly string[]): string {
  const [first = ''] = targets;
  const { domain } = parseReference(first);
  return domain === DOCKER_HUB
    ? vscode.l10n.t('To Docker Hub, as {0}', targets.join(', '))
    : vscode.l10n.t('To {0}, as {1}', domain, targets.join(', '));
}

/** `team/app:1` of `localhost:5000/team/app:1` */
function withoutHost(name: string): string {
  try {
    const { path, tag, domain } = withDefaultTag(parseReference(name));
    return domain === DOCKER_HUB ? familiarString(parseReference(name)) : `${path}:${tag ?? 'latest'}`;
  } catch (error) {
    if (isStrataError(error)) return name;
    throw error;
  }
}

/** `app:1` of `localhost:5000/team/app:1`; a digest is no tag and goes. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/@.*$/, '');
}

/** `localhost:5000/team` of `localhost:5000/team/app:1` */
function placeOf(canonical: string): string {
  return canonical.slice(0, canonical.lastIndexOf('/'));
}
