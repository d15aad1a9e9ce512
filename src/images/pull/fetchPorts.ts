import type { BlobRequest } from '../../registry/index.ts';
import type { Transport } from '../../transport/index.ts';
import type { LayerProgress } from '../worker/messages.ts';

/** What a job needs of its thread. */
export interface FetchPorts {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly report: (progress: LayerProgress) => void;
  /** A fresh Authorization for a source that answered 401, undefined if there is none. */
  readonly renewAuthorization: (
    source: BlobRequest,
    challenge: string | undefined,
  ) => Promise<string | undefined>;
}
