import type { Descriptor, Platform } from '../oci/documents.ts';
import type { Digest } from '../oci/digest.ts';

export type { FsckOptions, FsckProblem, FsckReport } from '../store/index.ts';

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

/** What a list shows of an image: read at once from one small file, where the layers are not wanted. */
export interface ListedImage extends Pick<
  ImageSummary,
  'id' | 'created' | 'size' | 'tags' | 'repoDigests' | 'labels' | 'parent'
> {
  /** The same tags by their repositories, in the same order, where they are at hand like that. */
  readonly byRepository?: readonly RepositoryTags[];
}

export interface RepositoryTags {
  /** Canonical, `docker.io/library/alpine`. */
  readonly repository: string;
  readonly tags: readonly string[];
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
  readonly name?: string;
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

/** What a person should know though the pull went well. */
export interface PullWarning {
  /** Docker's sentence. */
  readonly message: string;
  /** The image is for another platform than was asked for. */
  readonly mismatch?: { readonly name: string; readonly wanted: string; readonly actual: string };
}

export type PullEvent =
  /** `name` is the familiar name with tag; `tagDefaulted`: "latest" was ours. */
  | { readonly kind: 'start'; readonly name: string; readonly tagDefaulted: boolean }
  /** The registry has it; `lead` is Docker's line, `latest: Pulling from library/alpine`. */
  | { readonly kind: 'found'; readonly lead: string }
  | { readonly kind: 'layers'; readonly layers: readonly PullLayer[] }
  | ({ readonly kind: 'warning' } & PullWarning)
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

/** Docker's filters: of each key the values given, in their order. `dangling=true label=a label=b=c`. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ListOptions {
  /** Untagged parents too. */
  readonly all?: boolean;
  /** `dangling`, `before`, `since`, `label`, `reference`. */
  readonly filters?: Filters;
}

/** What a search of a registry found. */
export interface SearchResult {
  /** As it is pulled: `alpine`, `bitnami/redis`, `localhost:5000/team/app`. */
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
  /** Where the registry tells. */
  readonly pulls?: number;
  readonly publisher?: 'verified' | 'sponsored';
}

export interface SearchOptions {
  /** 1 to 100; 25 unless given. */
  readonly limit?: number;
  /** `is-official`, `is-automated`, `stars`. */
  readonly filters?: Filters;
  /** Only what Docker prints, by the one request that Docker makes: no counts of pulls, no publishers. */
  readonly brief?: boolean;
  readonly signal?: AbortSignal;
}

export interface PruneOptions {
  /** Images that no container uses, not only dangling ones. */
  readonly all?: boolean;
  /** `until`, `label`, `label!`. */
  readonly filters?: Filters;
}

/** What a prune takes. Made without changing anything, so that a person can look at it first. */
export interface PrunePlan {
  readonly images: readonly ImageSummary[];
  readonly records: readonly RemoveRecord[];
  /** Docker's sum: sizes of the layers that go, bytes unpacked. */
  readonly reclaimedSize: number;
  /** Bytes on disk that go. */
  readonly reclaimedBytes: number;
}

export type ArchiveFormat = 'docker-archive' | 'oci-archive';

/** How far a stream of known or unknown length has come. */
export type ArchiveEvent =
  /** `total` in bytes where it is known. */
  | { readonly kind: 'bytes'; readonly current: number; readonly total?: number }
  /** A layer that the store did not have, by the first twelve hex characters of its diff ID. */
  | { readonly kind: 'layer'; readonly id: string; readonly current: number; readonly total: number }
  /** An index offered several platforms: the one that was taken comes first. */
  | { readonly kind: 'platform'; readonly name: string; readonly platforms: readonly string[] }
  | { readonly kind: 'warning'; readonly message: string };

export interface TransferOptions<E> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: E) => void;
}

export interface SaveRequest {
  /** As a person wrote them: names, IDs, or repositories for all their tags. */
  readonly names: readonly string[];
  /** Docker's and the OCI layout in one tar unless given. */
  readonly format?: ArchiveFormat;
}

/** One image that a load brought. */
export interface LoadedImage {
  readonly id: Digest;
  /** Familiar names with tag; none for an image without a name. */
  readonly names: readonly string[];
  /** Of these, the names that another image had, with that image's ID. */
  readonly replaced: readonly { readonly name: string; readonly id: Digest }[];
}

export interface ImportRequest {
  /** Familiar or canonical `repository[:tag]`; the image stays nameless without. */
  readonly name?: string;
  readonly message?: string;
  /** Dockerfile instructions: `CMD ["sh"]`. */
  readonly changes?: readonly string[];
  readonly platform?: string;
}

export interface PushRequest {
  /** The image in the store, as the person wrote it; with `allTags` a repository. */
  readonly name: string;
  readonly allTags?: boolean;
  /** Another name to push it under, without a tag in the store. */
  readonly target?: string;
  readonly platform?: string;
}

/** Docker's words for what happens to a layer on its way to a registry. */
export type PushStatus =
  | 'Preparing'
  | 'Waiting'
  | 'Pushing'
  | 'Pushed'
  | 'Layer already exists'
  | 'Mounted'
  | 'Skipped foreign layer';

export type PushEvent =
  /** `The push refers to repository [docker.io/library/alpine]` */
  | { readonly kind: 'start'; readonly repository: string }
  /** What follows is of this tag. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'layers'; readonly layers: readonly { readonly id: string; readonly size: number }[] }
  | {
      readonly kind: 'layer';
      readonly id: string;
      readonly status: PushStatus;
      /** With Mounted: the repository that had it. */
      readonly from?: string;
      readonly current?: number;
      readonly total?: number;
    }
  /** One tag is there. `size` of the manifest in bytes. */
  | { readonly kind: 'pushed'; readonly tag: string; readonly digest: Digest; readonly size: number };

export interface PushResult {
  /** Canonical name with tag. */
  readonly reference: string;
  readonly digest: Digest;
}

export interface CopyRequest {
  /** `docker://name` or a name, `docker-archive:path[:name]`, `oci-archive:path[:tag]`, `oci:folder[:tag]`. */
  readonly source: string;
  readonly target: string;
  /** One platform of an index; the whole index, as it is, without. */
  readonly platform?: string;
}

export interface CopyResult {
  readonly digest: Digest;
}

export type CopyEvent = {
  readonly kind: 'blob';
  readonly digest: Digest;
  readonly status: 'Copying' | 'Copied' | 'Already exists' | 'Mounted';
  readonly current: number;
  readonly total: number;
};

/** What lies on the disk, and what sharing saves. Sizes unpacked as Docker counts, unless they say bytes. */
export interface DiskUsage {
  readonly images: readonly ImageUsage[];
  /** Each layer once. */
  readonly layersSize: number;
  /** Sizes of the images that no container uses, each layer once (docker's RECLAIMABLE). */
  readonly reclaimableSize: number;
  /** The sum of all images' sizes, as if nothing were shared. */
  readonly sumOfSizes: number;
  /** Bytes of the files in the store: blobs, indexes and the rest. */
  readonly bytesOnDisk: number;
}

export interface ImageUsage {
  readonly image: ImageSummary;
  /** What other images have too. */
  readonly sharedSize: number;
  readonly uniqueSize: number;
  /** How many containers use it. */
  readonly containers: number;
}
