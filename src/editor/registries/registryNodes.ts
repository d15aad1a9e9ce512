import type { RemoteImage, RemoteManifest, RemoteReferrer, RemoteTag } from '../../images/remoteTypes.ts';
import { canonicalName, familiarName, parseReference } from '../../reference/index.ts';

/** A row of the Registries view. Each row keeps its object until its parent is read again. */
export type RegistriesNode =
  | RegistryNode
  | RepositoryNode
  | RemoteTagNode
  | ManifestNode
  | ReferrerNode
  | FailureNode
  | HintNode
  | MoreNode;

export interface RegistryNode {
  readonly kind: 'registry';
  readonly host: string;
}
export interface RepositoryNode {
  readonly kind: 'repository';
  readonly registry: RegistryNode;
  /** Canonical: `docker.io/library/alpine`. */
  readonly name: string;
  /** The person keeps it in the view. */
  readonly pinned: boolean;
}
export interface RemoteTagNode {
  readonly kind: 'remoteTag';
  readonly repository: RepositoryNode;
  readonly tag: RemoteTag;
  /** The store has an image of this name. */
  readonly isHere: boolean;
}
export interface ManifestNode {
  readonly kind: 'manifest';
  readonly tag: RemoteTagNode;
  readonly manifest: RemoteManifest;
  /** Attestations of this manifest. */
  readonly attestations: readonly RemoteManifest[];
}
export interface ReferrerNode {
  readonly kind: 'referrer';
  readonly tag: RemoteTagNode;
  readonly referrer: RemoteReferrer;
}
/** Rows that are read from a registry, and can fail. */
export type ParentNode = RegistryNode | RepositoryNode | RemoteTagNode;

export interface FailureNode {
  readonly kind: 'failure';
  readonly of: ParentNode;
  readonly sentence: string;
  /** Signing in may help. */
  readonly canSignIn: boolean;
}
/** A registry that lists nothing and of which nothing is known. */
export interface HintNode {
  readonly kind: 'hint';
  readonly of: RegistryNode;
}
export interface MoreNode {
  readonly kind: 'more';
  readonly of: RegistryNode | RepositoryNode;
  readonly left: number;
}

const KINDS: readonly string[] = [
  'registry',
  'repository',
  'remoteTag',
  'manifest',
  'referrer',
  'failure',
  'hint',
  'more',
] satisfies readonly RegistriesNode['kind'][];

/** Commands are called with anything by anyone: only rows of this view are taken for such. */
export function isRegistriesNode(value: unknown): value is RegistriesNode {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.includes(String(value.kind));
}

/** The same row has the same id after a refresh, so that it stays expanded and selected. */
export function registriesNodeId(node: RegistriesNode): string {
  switch (node.kind) {
    case 'registry':
      return `registry/${node.host}`;
    case 'repository':
      return `repository/${node.name}`;
    case 'remoteTag':
      return `tag/${tagName(node)}`;
    case 'manifest':
      return `${registriesNodeId(node.tag)}/${node.manifest.digest}`;
    case 'referrer':
      return `${registriesNodeId(node.tag)}/referrer/${node.referrer.digest}`;
    case 'failure':
    case 'hint':
    case 'more':
      return `${registriesNodeId(node.of)}/${node.kind}`;
  }
}

export function registriesParent(node: RegistriesNode): RegistriesNode | undefined {
  switch (node.kind) {
    case 'registry':
      return undefined;
    case 'repository':
      return node.registry;
    case 'remoteTag':
      return node.repository;
    case 'manifest':
    case 'referrer':
      return node.tag;
    case 'failure':
    case 'hint':
    case 'more':
      return node.of;
  }
}

/** Canonical: `docker.io/library/alpine:3.20`. */
export function tagName(node: RemoteTagNode): string {
  return `${node.repository.name}:${node.tag.name}`;
}

/** The registry that a row belongs to. */
export function registryOf(node: RegistriesNode): RegistryNode {
  const parent = registriesParent(node);
  return parent === undefined ? (node as RegistryNode) : registryOf(parent);
}

/** The repositories that stand under a registry, by name: those it lists, those kept, those of local images. */
export function repositoryNodes(
  registry: RegistryNode,
  listed: readonly string[],
  pinned: readonly string[],
  local: readonly string[],
): readonly RepositoryNode[] {
  const names = [...new Set([...listed, ...pinned, ...local])].filter((name) =>
    name.startsWith(`${registry.host}/`),
  );
  return names
    .toSorted((a, b) => repositoryLabel(a).localeCompare(repositoryLabel(b), 'en'))
    .map((name) => ({ kind: 'repository', registry, name, pinned: pinned.includes(name) }));
}

/** A repository as it is read below its registry: `alpine` on Docker Hub, `team/app` elsewhere. */
export function repositoryLabel(name: string): string {
  const reference = parseReference(name);
  const familiar = familiarName(reference);
  return familiar.startsWith(`${reference.domain}/`) ? familiar.slice(reference.domain.length + 1) : familiar;
}

/** The repositories of names with tag or digest; what is no name is left out. */
export function repositoriesOf(names: readonly string[]): readonly string[] {
  const repositories = new Set<string>();
  for (const name of names) {
    try {
      repositories.add(canonicalName(parseReference(name)));
    } catch {
      continue;
    }
  }
  return [...repositories];
}

/** What stands under a tag: a row for each platform with what attests it, then what refers to it. */
export function tagChildren(
  tag: RemoteTagNode,
  image: RemoteImage,
): readonly (ManifestNode | ReferrerNode)[] {
  const of = (digest: string): readonly RemoteManifest[] =>
    image.manifests.filter(({ attestationOf }) => attestationOf === digest);
  const known = new Set<string>(image.manifests.map(({ digest }) => digest));
  const own = image.manifests.filter(
    ({ attestationOf }) => attestationOf === undefined || !known.has(attestationOf),
  );
  return [
    ...own.map((manifest): ManifestNode => ({
      kind: 'manifest',
      tag,
      manifest,
      attestations: of(manifest.digest),
    })),
    ...image.referrers.map((referrer): ReferrerNode => ({ kind: 'referrer', tag, referrer })),
  ];
}
