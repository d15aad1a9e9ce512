import type { Disposable, Listener } from '../base/events.ts';
import type { Logger } from '../base/logger.ts';
import type {
  ActivePull,
  HistoryRow,
  ImageInspect,
  ImageSummary,
  PullEvent,
  PullRequest,
  PullResult,
  RemotePlatform,
  RemoveOptions,
  RemoveRecord,
} from '../images/types.ts';
import type { CredentialSource } from '../registry/index.ts';
import type { Configuration, Store } from '../store/index.ts';

/** What the outside hands in: everything else is wired by createApp. */
export interface AppPorts {
  /** Asked once per use of the registry, so that a changed setting holds for the next pull. */
  readonly configuration: () => Promise<Configuration>;
  readonly credentials: CredentialSource;
  readonly logger: Logger;
  /** The worker's entry: dist/pullWorker.js, or its source under Node 24. */
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
  /** Newest first. `all` includes untagged parents. */
  list(options?: { readonly all?: boolean }): Promise<readonly ImageSummary[]>;
  history(name: string): Promise<readonly HistoryRow[]>;
  inspect(name: string): Promise<ImageInspect>;
  /** One image by name, ID or ID prefix. @throws `image-not-found`, `id-ambiguous` */
  find(name: string): Promise<ImageSummary>;
  /** @throws `image-not-found`, `id-ambiguous`, `image-conflict` */
  remove(name: string, options?: RemoveOptions): Promise<readonly RemoveRecord[]>;
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
