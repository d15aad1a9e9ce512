/** The part of fs-native-extensions that Strata uses; the package brings no types. */
declare module 'fs-native-extensions' {
  /**
   * Locks the whole file of this descriptor without waiting: OFD lock on Linux, flock on macOS, LockFileEx on
   * Windows. False when another open file holds it; throws a system error otherwise.
   */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
}
