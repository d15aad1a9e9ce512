import type { Descriptor, Platform } from '../oci/documents.ts';
import type { Digest } from '../oci/digest.ts';

/** One layer of an image as the store knows it. Sizes in bytes. */
export interface LayerSummary {
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly mediaType: string;
  /** As it travels: the blob's own size. */
  readonly compressedSize: number;
  /** What Docker counts: each distinct file once. See docs/decisions/001. */
  readonly size: number;
  /** What made it, from the configuration's history. */
  readonly createdBy?: string;
}

/** One image: one configuration, whatever many names it has. */
export interface ImageSummary {
  /** Digest of the configuration, as in Docker's classic store. */
  readonly id: Digest;
  /** As it lies in the store. */
  readonly manifest: Descriptor;
  /** As the registry knows it: of Docker's media types the store's own says the same in image-spec's. */
  readonly manifestDigest: Digest;
  /** Canonical names with tag, `docker.io/library/alpine:latest`; empty for a dangling image. */
  readonly tags: readonly string[];
  /** Canonical `repository@digest` of what was pulled or pushed. */
  readonly repoDigests: readonly string[];
  /** RFC 3339, or absent where the configuration has none. */
  readonly created?: string;
  readonly platform: Platform;
  /** Sum of the layers' sizes. */
  readonly size: number;
  /** Sum of the layers' compressed sizes. */
  readonly compressedSize: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly LayerSummary[];
  readonly parent?: Digest;
  /** When a tag was last set here, RFC 3339. */
  readonly taggedAt?: string;
}

/** One row of `history`, newest first. */
export interface HistoryRow {
  /** The image ID on the newest row; elsewhere only where a parent is known. */
  readonly id?: Digest;
  readonly created?: string;
  /** As it stands in the configuration, tabs and all. */
  readonly createdBy: string;
  /** Bytes. */
  readonly size: number;
  readonly comment: string;
  /** False for rows that made a layer. */
  readonly emptyLayer: boolean;
  /** Familiar names of the image on the newest row. */
  readonly tags: readonly string[];
}

/** What `docker image inspect` prints for one image, keys in its order. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created: string;
  readonly Container: string;
  readonly ContainerConfig: unknown;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: unknown;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  readonly Size: number;
  readonly VirtualSize: number;
  readonly GraphDriver: { readonly Data: Readonly<Record<string, string>> | null; readonly Name: string };
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] };
  readonly Metadata: { readonly LastTagTime: string };
}

export type RemoveRecord =
  | { readonly kind: 'untagged'; readonly name: string }
  /** An image ID or a chain ID. */
  | { readonly kind: 'deleted'; readonly id: Digest };

export interface RemoveOptions {
  /** Untags every name, and removes what a stopped container uses. */
  readonly force?: boolean;
  /** Keeps untagged parents. */
  readonly noPrune?: boolean;
}

/** A container that uses an image: what the removal rules ask of the containers' room. */
export interface ContainerUse {
  readonly id: string;
  readonly running: boolean;
}

export interface PullRequest {
  /** As the person wrote it. */
  readonly name: string;
  /** `os/architecture[/variant]`; the machine's own when absent. */
  readonly platform?: string;
}

/** Docker's words for what happens to a layer. `Indexing` stands where Docker extracts. */
export type LayerStatus =
  | 'Pulling fs layer'
  | 'Waiting'
  | 'Downloading'
  | 'Indexing'
  | 'Verifying Checksum'
  | 'Download complete'
  | 'Pull complete'
  | 'Already exists';

export type PullEvent =
  /** `name` is the familiar name with tag; `tagDefaulted`: "latest" was ours. */
  | { readonly kind: 'start'; readonly name: string; readonly tagDefaulted: boolean }
  /** The registry has it; `lead` is Docker's line, `latest: Pulling from library/alpine`. */
  | { readonly kind: 'found'; readonly lead: string }
  | { readonly kind: 'layers'; readonly layers: readonly PullLayer[] }
  | { readonly kind: 'warning'; readonly message: string }
  /** `current` and `total` in compressed bytes, with Downloading and Indexing. */
  | {
      readonly kind: 'layer';
      readonly digest: Digest;
      readonly id: string;
      readonly status: LayerStatus;
      readonly current?: number;
      readonly total?: number;
    };

interface PullLayer {
  /** Twelve hex characters. */
  readonly id: string;
  readonly digest: Digest;
  readonly size: number;
}

export interface PullResult {
  /** What Docker prints last: `docker.io/library/alpine:latest`. */
  readonly reference: string;
  /** Familiar name with tag or digest. */
  readonly familiar: string;
  /** Digest of what the name led to: an index's or a manifest's. */
  readonly digest: Digest;
  readonly imageId: Digest;
  /** False: the store had this image under this name. */
  readonly newer: boolean;
}

/** A pull that some process does on this store. */
export interface ActivePull {
  readonly id: string;
  readonly name: string;
  /** True if this process does it. */
  readonly own: boolean;
  /** `current` in compressed bytes. */
  readonly layers: readonly { digest: Digest; size: number; current: number; done: boolean }[];
}

/** One platform that a name offers. */
export interface RemotePlatform {
  readonly platform: Platform;
  readonly digest: Digest;
}
