import { MAX_CONFIG_BYTES, MAX_MANIFEST_BYTES } from '../../base/limits.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/documents.ts';
import { DOCKER_CONFIG, isIndexType, isManifestType, OCI_CONFIG } from '../../oci/mediaTypes.ts';
import { pairLayers, parseImageConfig, parseIndex, parseManifest } from '../../oci/parse.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { readBlob } from '../blobs.ts';
import { mapLimited } from '../files.ts';
import type { RefEntry } from '../indexDocument.ts';
import { faultOf } from './finding.ts';
import type { BlobState } from './hashBlobs.ts';

const READS_AT_ONCE = 16;

/** What stands behind one entry of index.json. */
export interface CheckedEntry {
  readonly entry: RefEntry;
  /** Whole sentences, such as `its layer 0123456789ab is missing`; none if all is well. */
  readonly faults: readonly string[];
  /** The manifest is proved to be missing or wrong. */
  readonly isLost: boolean;
  /** The manifest is lost, and so is the configuration, or there is no name to pull the image by: no command could mend it. */
  readonly isBeyondHelp: boolean;
}

export interface CheckedReferences {
  readonly entries: readonly CheckedEntry[];
  /** Blobs that something needs and that are not there, with what they are to whom. */
  readonly missing: ReadonlyMap<Digest, string>;
}

/** Follows every entry to its last layer. @param blobs what reading them told, as it stands now */
export async function checkReferences(
  root: string,
  entries: readonly RefEntry[],
  blobs: ReadonlyMap<Digest, BlobState>,
): Promise<CheckedReferences> {
  const checker = new ReferenceChecker(root, blobs);
  const checked = await mapLimited(entries, READS_AT_ONCE, (entry) => checker.check(entry));
  return { entries: checked, missing: checker.missing };
}

class ReferenceChecker {
  readonly missing = new Map<Digest, string>();
  readonly #root: string;
  readonly #blobs: ReadonlyMap<Digest, BlobState>;
  /** Faults by document: many names lead to one manifest. */
  readonly #documents = new Map<string, Promise<readonly string[]>>();

  constructor(root: string, blobs: ReadonlyMap<Digest, BlobState>) {
    this.#root = root;
    this.#blobs = blobs;
  }

  async check(entry: RefEntry): Promise<CheckedEntry> {
    const { manifest, config } = entry;
    const faults = await this.#document(manifest, 'manifest', config);
    const isLost = this.#isLost(manifest.digest);
    const isConfigLost = config === undefined || this.#isLost(config);
    const isNameless = entry.name === undefined && entry.repoDigests.length === 0;
    return { entry, faults, isLost, isBeyondHelp: isLost && (isConfigLost || isNameless) };
  }

  /** True for what is proved to be missing or wrong, and not for what merely cannot be read. */
  #isLost(digest: Digest): boolean {
    const state = this.#blobs.get(digest);
    return state === undefined || state.kind === 'corrupt';
  }

  /** What is wrong with a blob as such, from its descriptor. */
  #fault({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, role: string): string | undefined {
    const blob = `its ${role} ${shortDigest(digest)}`;
    const state = this.#blobs.get(digest);
    if (state === undefined) {
      this.missing.set(digest, role);
      return `${blob} is missing`;
    }
    if (state.kind === 'corrupt') return `${blob} is damaged`;
    if (state.kind === 'unreadable') return `${blob} cannot be read`;
    return state.size === size ? undefined : `${blob} has ${state.size} bytes where ${size} are announced`;
  }

  #document(descriptor: Descriptor, role: string, imageId?: Digest): Promise<readonly string[]> {
    const key = [descriptor.digest, descriptor.mediaType, descriptor.size, imageId].join(' ');
    let faults = this.#documents.get(key);
    if (faults === undefined) {
      faults = this.#readDocument(descriptor, role, imageId);
      this.#documents.set(key, faults);
    }
    return faults;
  }

  async #readDocument(
    descriptor: Descriptor,
    role: string,
    imageId: Digest | undefined,
  ): Promise<readonly string[]> {
    const fault = this.#fault(descriptor, role);
    if (fault !== undefined) return [fault];
    try {
      if (isIndexType(descriptor.mediaType)) return await this.#index(descriptor);
      return isManifestType(descriptor.mediaType) ? await this.#manifest(descriptor, role, imageId) : [];
    } catch (error) {
      return [`its ${role} ${shortDigest(descriptor.digest)} is wrong: ${faultOf(error)}`];
    }
  }

  /** An index may name platforms that were never copied here, but not only such. */
  async #index(descriptor: Descriptor): Promise<readonly string[]> {
    const bytes = await readBlob(this.#root, descriptor.digest, MAX_MANIFEST_BYTES);
    const { manifests } = parseIndex(bytes, descriptor.digest, descriptor.mediaType);
    const here = manifests.filter((child) => this.#blobs.has(child.digest));
    if (here.length === 0 && manifests.length > 0) return ['its index names no manifest that is here'];
    const faults = await Promise.all(
      here.map((child) => {
        const platform = child.platform === undefined ? '' : ` for ${formatPlatform(child.platform)}`;
        return this.#document(child, `manifest${platform}`);
      }),
    );
    return faults.flat();
  }

  async #manifest(
    descriptor: Descriptor,
    role: string,
    imageId: Digest | undefined,
  ): Promise<readonly string[]> {
    const what = descriptor.digest;
    const bytes = await readBlob(this.#root, what, MAX_MANIFEST_BYTES);
    const manifest = parseManifest(bytes, what, descriptor.mediaType);
    const { config, layers } = manifest;
    const configFault = this.#fault(config, 'configuration');
    const layerFaults = layers.map((layer) => {
      // A foreign layer may stay where it is (image-spec descriptor.md, "urls").
      const mayStayAway = (layer.urls ?? []).length > 0 && !this.#blobs.has(layer.digest);
      return mayStayAway ? undefined : this.#fault(layer, 'layer');
    });
    const faults = [...new Set([configFault, ...layerFaults])].filter((fault) => fault !== undefined);
    if (imageId !== undefined && imageId !== config.digest) {
      faults.push(`its ${role} is of image ${shortDigest(config.digest)}, not ${shortDigest(imageId)}`);
    }
    const isImage = config.mediaType === OCI_CONFIG || config.mediaType === DOCKER_CONFIG;
    if (isImage && configFault === undefined) {
      const document = await readBlob(this.#root, config.digest, MAX_CONFIG_BYTES);
      const parsed = parseImageConfig(document, config.digest);
      // Of an attestation the layers are statements, of which the configuration says nothing.
      if (parsed.os !== 'unknown') pairLayers(manifest, parsed, what);
    }
    return faults;
  }
}
