/** Every command that package.json contributes; a test holds the two equal. */
export const CommandId = {
  pullImage: 'strata.pullImage',
  refresh: 'strata.refresh',
  openImage: 'strata.openImage',
  inspect: 'strata.inspect',
  history: 'strata.history',
  copyName: 'strata.copyName',
  copyId: 'strata.copyId',
  copyDigest: 'strata.copyDigest',
  deleteImage: 'strata.deleteImage',
  cancelPull: 'strata.cancelPull',
  retryPull: 'strata.retryPull',
  dismissPull: 'strata.dismissPull',
  signIn: 'strata.signIn',
  signOut: 'strata.signOut',
  moveStore: 'strata.moveStore',
  openWalkthrough: 'strata.openWalkthrough',
  showLog: 'strata.showLog',
} as const;

export type CommandName = keyof typeof CommandId;

/** What a click in the tree hands to a command after the row: the keyboard stays in the tree. */
export const FROM_TREE = 'fromTree';
