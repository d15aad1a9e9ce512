/** What the image panel shows, as plain data. Sizes in bytes, dates in RFC 3339, names as Docker shows them. */

export interface ImageView {
  /** Full image ID, `sha256:…`. */
  readonly id: string;
  readonly manifestDigest: string;
  /** `alpine:latest`; empty for a dangling image. */
  readonly names: readonly string[];
  /** `alpine@sha256:…` */
  readonly repoDigests: readonly string[];
  /** `linux/arm64/v8` */
  readonly platform: string;
  readonly created?: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly author: string;
  readonly config: ConfigView;
  /** Base first. */
  readonly layers: readonly LayerView[];
  /** Newest first. */
  readonly history: readonly HistoryView[];
  /** What `inspect` prints for this image. */
  readonly inspect: string;
}

/** The image's configuration; empty where it says nothing. */
export interface ConfigView {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly stopSignal: string;
  readonly shell: readonly string[];
  readonly healthcheck: readonly string[];
  readonly onBuild: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly env: readonly PairView[];
  readonly labels: readonly PairView[];
}

export interface PairView {
  readonly name: string;
  readonly value: string;
}

export interface LayerView {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly createdBy: string;
}

export interface HistoryView {
  /** Absent: Docker prints `<missing>`. */
  readonly id?: string;
  readonly created?: string;
  readonly createdBy: string;
  readonly size: number;
  readonly comment: string;
  readonly emptyLayer: boolean;
}
