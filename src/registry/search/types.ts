/** What a search found. */
export interface SearchHit {
  /** Without the registry's host: `alpine`, `team/app`. Not checked to be a name. */
  readonly name: string;
  /** One line. */
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
  readonly automated: boolean;
  /** Where the registry tells. */
  readonly pulls?: number;
  readonly publisher?: 'verified' | 'sponsored';
}
