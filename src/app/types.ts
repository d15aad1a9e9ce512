import type { Readable, Writable } from 'node:stream';
import type { Disposable, Listener } from '../base/events.ts';
import type { Logger } from '../base/logger.ts';
import type {
  ActivePull,
  ArchiveEvent,
  ContainerUse,
  CopyEvent,
  CopyRequest,
  CopyResult,
  DiskUsage,
  FsckOptions,
  FsckReport,
  HistoryRow,
  ImageInspect,
  ImageSummary,
  ImportRequest,
  ListedImage,
  ListOptions,
  LoadedImage,
  PullEvent,
  PullRequest,
  PullResult,
  PrunePlan,
  PruneOptions,
  PushEvent,
  PushRequest,
  PushResult,
  RemotePlatform,
  RemoveOptions,
  RemoveRecord,
  SaveRequest,
  SearchOptions,
  SearchResult,
  TransferOptions,
} from '../images/types.ts';
import type { RemoteImage, RemoteTag } from '../images/remoteTypes.ts';
import type { Digest } from '../oci/digest.ts';
import type { Credentials, CredentialSource, Verified } from '../registry/index.ts';
import type { Configuration, Store } from '../store/index.ts';

/** What the outside hands in: everything else is wired by createApp. */
export interface AppPorts {
  /** Asked once per use of the registry, so that a changed setting holds for the next pull. */
  readonly configuration: () => Promise<Configuration>;
  readonly credentials: CredentialSource;
  readonly logger: Logger;
  /** The worker's entry: dist/worker.js, or its source under Node 24. */
  readonly workerPath: string;
  readonly userAgent: string;
  /** Whose own thread must stay free while layers stream: an editor's. */
  readonly background?: boolean;
}

export interface PullOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: PullEvent) => void;
}

/** All that the editor and the command line can do. Names are as a person writes them. */
export interface App {
  /** The open store; opened by the first that asks. */
  store(): Promise<Store>;
  pull(request: PullRequest, options?: PullOptions): Promise<PullResult>;
  /** Newest first. A `reference` filter leaves of each image the names that match. @throws `filter-invalid` */
  list(options?: ListOptions): Promise<readonly ImageSummary[]>;
  /** As list, in less than half the time where nothing has changed: for those that want no layers. */
  listNames(options?: ListOptions): Promise<readonly ListedImage[]>;
  history(name: string): Promise<readonly HistoryRow[]>;
  inspect(name: string): Promise<ImageInspect>;
  /** One image by name, ID or ID prefix. @throws `image-not-found`, `id-ambiguous` */
  find(name: string): Promise<ImageSummary>;
  /** @throws `image-not-found`, `id-ambiguous`, `image-conflict` */
  remove(name: string, options?: RemoveOptions): Promise<readonly RemoveRecord[]>;
  /** @throws `image-not-found`, `reference-invalid` */
  tag(source: string, target: string): Promise<void>;
  /** What `prune` with these options would take now. @throws `filter-invalid` */
  planPrune(options?: PruneOptions): Promise<PrunePlan>;
  prune(options?: PruneOptions): Promise<PrunePlan>;
  /** The containers that use an image. */
  usersOf(id: Digest): readonly ContainerUse[];
  /** Streams an archive of the images. @throws `image-not-found`, and what the sink throws */
  save(request: SaveRequest, sink: Writable, options?: TransferOptions<ArchiveEvent>): Promise<void>;
  /** A path of a tar or a layout folder, or the tar as a stream. @throws `content-invalid`, `file-unreadable` */
  load(source: string | Readable, options?: TransferOptions<ArchiveEvent>): Promise<readonly LoadedImage[]>;
  /** Makes an image of a root file system's tar: a path, an http(s) URL or a stream. @returns its ID */
  import(
    source: string | Readable,
    request: ImportRequest,
    options?: TransferOptions<ArchiveEvent>,
  ): Promise<Digest>;
  push(request: PushRequest, options?: TransferOptions<PushEvent>): Promise<readonly PushResult[]>;
  copy(request: CopyRequest, options?: TransferOptions<CopyEvent>): Promise<CopyResult>;
  /** Docker Hub, or `HOST/term` the catalogue of another registry. @throws `search-unsupported`, `filter-invalid` */
  search(term: string, options?: SearchOptions): Promise<readonly SearchResult[]>;
  /** The repositories that a registry lists. @throws `search-unsupported` */
  remoteRepositories(host: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** The tags of a repository, newest first where the registry tells their times. */
  remoteTagList(repository: string, signal?: AbortSignal): Promise<readonly RemoteTag[]>;
  remoteImage(name: string, signal?: AbortSignal): Promise<RemoteImage>;
  /** Deletes a tag in its registry. @throws `delete-unsupported` */
  deleteRemoteTag(name: string, signal?: AbortSignal): Promise<void>;
  /** Resolves if the registry takes them, or takes any. @throws `registry-unauthorized` with Docker's sentence */
  verifyCredentials(host: string, credentials: Credentials, signal?: AbortSignal): Promise<Verified>;
  diskUsage(): Promise<DiskUsage>;
  fsck(options?: FsckOptions): Promise<FsckReport>;
  /** The tags that a repository's registry lists, in its order. */
  remoteTags(repository: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** The platforms that a name offers; attestations are left out. */
  remotePlatforms(name: string, signal?: AbortSignal): Promise<readonly RemotePlatform[]>;
  /** The pulls of every process on this store. */
  activePulls(): Promise<readonly ActivePull[]>;
  /** Images or pulls changed, by this process or another. */
  readonly onDidChange: (listener: Listener<undefined>) => Disposable;
  close(): Promise<void>;
}
