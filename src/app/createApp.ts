import { readFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { describeError, StrataError } from '../base/errors.ts';
import type { Disposable, Listener } from '../base/events.ts';
import {
  activePulls,
  copy,
  diskUsage,
  findImage,
  imageHistory,
  importImage,
  indexLayer,
  inspectImage,
  LayerWorkers,
  listImages,
  load,
  planPruning,
  pull,
  push,
  readCatalog,
  remoteImage,
  remotePlatforms,
  remoteTagList,
  remoteTags,
  save,
  searchImages,
} from '../images/index.ts';
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
  LoadDeps,
  LoadedImage,
  PrunePlan,
  PruneOptions,
  PullRequest,
  PullResult,
  PushEvent,
  PushRequest,
  PushResult,
  RemoteImage,
  RemotePlatform,
  RemoteTag,
  RemoveOptions,
  RemoveRecord,
  SaveRequest,
  SearchOptions,
  SearchResult,
  TransferOptions,
} from '../images/index.ts';
import { openLayerIndex } from '../layers/index.ts';
import type { Digest } from '../oci/digest.ts';
import { parseReference, withDefaultTag } from '../reference/index.ts';
import { createRegistry } from '../registry/index.ts';
import type { Credentials, Registry, Verified } from '../registry/index.ts';
import { diskBytes, fsck, openStore } from '../store/index.ts';
import type { Configuration, RefEntry, Store } from '../store/index.ts';
import { createTransport } from '../transport/index.ts';
import type { Transport, TransportConfig } from '../transport/index.ts';
import { pruneImages, removeImages, tag } from './imageChanges.ts';
import type { ImageChangesDeps } from './imageChanges.ts';
import { ImageLists } from './imageLists.ts';
import type { App, AppPorts, PullOptions } from './types.ts';

/** Wires the rooms. Synchronous and cheap: the store opens, and undici loads, on first use. */
export function createApp(ports: AppPorts): App {
  return new StrataApp(ports);
}

/** What one configuration makes; kept while the configuration stays the same, so that tokens and connections do. */
interface Connection {
  readonly key: string;
  readonly config: TransportConfig;
  readonly transport: Transport;
  readonly registry: Registry;
}

class StrataApp implements App {
  readonly #ports: AppPorts;
  readonly #workers: LayerWorkers;
  readonly #lists: ImageLists;
  #store: Promise<Store> | undefined;
  #connection: Connection | undefined;

  constructor(ports: AppPorts) {
    this.#ports = ports;
    this.#workers = new LayerWorkers(ports.workerPath, ports.logger, {
      background: ports.background ?? false,
    });
    this.#lists = new ImageLists({
      store: () => this.store(),
      logger: ports.logger,
      readImages: (store, entries) => this.#catalog(store, entries),
    });
  }

  store(): Promise<Store> {
    this.#store ??= this.#openStore().catch((error: unknown) => {
      // The next that asks tries again: the disk may be back.
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }

  async pull(request: PullRequest, options: PullOptions = {}): Promise<PullResult> {
    const configuration = await this.#ports.configuration();
    const { registry, config } = await this.#connect(configuration);
    const deps = {
      store: await this.store(),
      registry,
      workers: this.#workers,
      transport: config,
      concurrency: configuration.concurrentDownloads,
    };
    const emit = options.onProgress ?? ((): void => undefined);
    return await pull(deps, request, { signal: options.signal, emit });
  }

  async list(options: ListOptions = {}): Promise<readonly ImageSummary[]> {
    return listImages(await this.#lists.images(), options);
  }

  async listNames(options: ListOptions = {}): Promise<readonly ListedImage[]> {
    return listImages(await this.#lists.names(), options);
  }

  async find(name: string): Promise<ImageSummary> {
    return findImage(await this.#lists.images(), name);
  }

  async history(name: string): Promise<readonly HistoryRow[]> {
    const images = await this.#lists.images();
    return await imageHistory(await this.store(), findImage(images, name), images);
  }

  async inspect(name: string): Promise<ImageInspect> {
    return await inspectImage(await this.store(), await this.find(name));
  }

  async remove(name: string, options: RemoveOptions = {}): Promise<readonly RemoveRecord[]> {
    return await removeImages(await this.#imageChanges(), name, options);
  }

  usersOf(): readonly ContainerUse[] {
    return usersOf();
  }

  async tag(source: string, target: string): Promise<void> {
    await tag(await this.#imageChanges(), source, target);
  }

  async planPrune(options: PruneOptions = {}): Promise<PrunePlan> {
    const store = await this.store();
    const images = await this.#catalog(store, await store.entries());
    return planPruning(images, options, usersOf, Date.now()).plan;
  }

  async prune(options: PruneOptions = {}): Promise<PrunePlan> {
    return await pruneImages(await this.#imageChanges(), options);
  }

  async save(
    request: SaveRequest,
    sink: Writable,
    options: TransferOptions<ArchiveEvent> = {},
  ): Promise<void> {
    const store = await this.store();
    const images = await this.#catalog(store, await store.entries());
    await save({ store, images, workers: this.#workers, transport: this.#offline() }, request, sink, options);
  }

  async load(
    source: string | Readable,
    options: TransferOptions<ArchiveEvent> = {},
  ): Promise<readonly LoadedImage[]> {
    const deps = await this.#takeDeps();
    const images = await this.#catalog(deps.store, await deps.store.entries());
    return await load({ ...deps, images }, source, options);
  }

  async import(
    source: string | Readable,
    request: ImportRequest,
    options: TransferOptions<ArchiveEvent> = {},
  ): Promise<Digest> {
    const { transport } = await this.#connect(await this.#ports.configuration());
    const deps = { ...(await this.#takeDeps()), http: transport, now: Date.now };
    return await importImage(deps, source, request, options);
  }

  async push(request: PushRequest, options: TransferOptions<PushEvent> = {}): Promise<readonly PushResult[]> {
    const store = await this.store();
    const deps = {
      ...(await this.#blobDeps()),
      store,
      catalog: async () => await this.#catalog(store, await store.entries()),
    };
    const emit = options.onProgress ?? ((): void => undefined);
    return await push(deps, request, { signal: options.signal, emit });
  }

  async copy(request: CopyRequest, options: TransferOptions<CopyEvent> = {}): Promise<CopyResult> {
    const emit = options.onProgress ?? ((): void => undefined);
    return await copy(await this.#blobDeps(), request, { signal: options.signal, emit });
  }

  async search(term: string, options: SearchOptions = {}): Promise<readonly SearchResult[]> {
    return await searchImages(await this.#registry(), term, options);
  }

  async remoteRepositories(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    return await (await this.#registry()).repositories(host, signal);
  }

  async remoteTagList(repository: string, signal?: AbortSignal): Promise<readonly RemoteTag[]> {
    return await remoteTagList(await this.#registry(), repository, signal);
  }

  async remoteImage(name: string, signal?: AbortSignal): Promise<RemoteImage> {
    return await remoteImage({ registry: await this.#registry(), logger: this.#ports.logger }, name, signal);
  }

  async deleteRemoteTag(name: string, signal?: AbortSignal): Promise<void> {
    await (await this.#registry()).deleteTag(withDefaultTag(parseReference(name)), signal);
  }

  async verifyCredentials(host: string, credentials: Credentials, signal?: AbortSignal): Promise<Verified> {
    return await (await this.#registry()).verify(host, credentials, signal);
  }

  async diskUsage(): Promise<DiskUsage> {
    const images = await this.list();
    return diskUsage(images, usersOf, await diskBytes((await this.store()).root));
  }

  async fsck(options: FsckOptions = {}): Promise<FsckReport> {
    const { storePath } = await this.#ports.configuration();
    // Not through store(): what is to be checked may be too damaged to open.
    return await fsck(storePath, { logger: this.#ports.logger, checkLayerIndex: openLayerIndex }, options);
  }

  async remoteTags(repository: string, signal?: AbortSignal): Promise<readonly string[]> {
    return await remoteTags(await this.#registry(), repository, signal);
  }

  async remotePlatforms(name: string, signal?: AbortSignal): Promise<readonly RemotePlatform[]> {
    return await remotePlatforms(await this.#registry(), name, signal);
  }

  async activePulls(): Promise<readonly ActivePull[]> {
    return await activePulls(await this.store());
  }

  readonly onDidChange = (listener: Listener<undefined>): Disposable => {
    let disposed = false;
    let inner: Disposable | undefined;
    this.store().then(
      (store) => {
        if (!disposed) inner = store.onDidChange(listener);
      },
      (error: unknown) => this.#ports.logger.warn(`changes are not watched: ${describeError(error)}`),
    );
    return {
      dispose: () => {
        disposed = true;
        inner?.dispose();
      },
    };
  };

  async close(): Promise<void> {
    await this.#lists.close();
    await this.#workers.close();
    await this.#connection?.transport.close();
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
  }

  async #openStore(): Promise<Store> {
    const { storePath } = await this.#ports.configuration();
    return await openStore(storePath, { logger: this.#ports.logger });
  }

  async #imageChanges(): Promise<ImageChangesDeps> {
    const store = await this.store();
    return { store, readImages: (entries) => this.#catalog(store, entries), usersOf };
  }

  async #catalog(store: Store, entries: readonly RefEntry[]): Promise<readonly ImageSummary[]> {
    const { logger } = this.#ports;
    const deps = { store, workers: this.#workers, transport: this.#offline() };
    return await readCatalog(
      { store, logger, layerStats: async (layer) => await indexLayer(deps, layer) },
      entries,
    );
  }

  /** What brings layers of archives into the store. */
  async #takeDeps(): Promise<Omit<LoadDeps, 'images'>> {
    const { concurrentDownloads: concurrency } = await this.#ports.configuration();
    return { store: await this.store(), workers: this.#workers, transport: this.#offline(), concurrency };
  }

  /** For jobs that ask no registry. */
  #offline(): TransportConfig {
    return { insecureHosts: [], userAgent: this.#ports.userAgent };
  }

  /** What sends blobs to registries. */
  async #blobDeps(): Promise<{
    registry: Registry;
    workers: LayerWorkers;
    transport: Transport;
    transportConfig: TransportConfig;
  }> {
    const { registry, transport, config } = await this.#connect(await this.#ports.configuration());
    return { registry, workers: this.#workers, transport, transportConfig: config };
  }

  async #registry(): Promise<Registry> {
    return (await this.#connect(await this.#ports.configuration())).registry;
  }

  async #connect(configuration: Configuration): Promise<Connection> {
    const { mirrors, insecureHosts, proxy, strictTls, hubUrl } = configuration;
    const config: TransportConfig = {
      insecureHosts,
      extraCa: await Promise.all(configuration.caFiles.map(readCertificate)),
      userAgent: this.#ports.userAgent,
      ...(proxy === undefined ? {} : { proxy }),
      ...(strictTls === false ? { rejectUnauthorized: false } : {}),
    };
    const { logger, credentials } = this.#ports;
    const key = JSON.stringify([config, mirrors, hubUrl, credentials.revision]);
    if (this.#connection?.key !== key) {
      const transport = createTransport(config, logger);
      const registry = createRegistry({
        transport,
        credentials,
        mirrors,
        insecureHosts,
        logger,
        ...(hubUrl === undefined ? {} : { hubUrl }),
      });
      // A pull under way may still use the old one: its idle connections close by themselves.
      this.#connection = { key, config, transport, registry };
    }
    return this.#connection;
  }
}

/** No containers yet: their room will answer. */
function usersOf(): readonly ContainerUse[] {
  return [];
}

async function readCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StrataError('certificate-unreadable', { path, detail: describeError(error) }, { cause: error });
  }
}
