/** How to ask for one blob; plain data, for a worker thread. */
export interface BlobRequest {
  readonly url: string;
  readonly authorization?: string;
  /** A request with that Authorization was answered: where it is refused now, its time is up. */
  readonly accepted?: boolean;
  /** Whom credentials and messages are for: `docker.io`, `localhost:5000`. */
  readonly host: string;
  /** The repository as a person writes it, for messages. */
  readonly name: string;
  /** The repository at that host; absent for a foreign layer's URL, to which no credentials go. */
  readonly repository?: string;
  /** What a token must allow, where pulling is not enough. */
  readonly scopes?: readonly string[];
  /** Tries before the next source is asked; the transport's own count unless given. */
  readonly attempts?: number;
}
