import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import type { RealPart } from '../support/realParts.ts';

/** Fails before the first test when a real part is missing: never a silent skip. */
export function setup(): void {
  requireParts(...(Object.keys(REAL_PARTS) as RealPart[]));
}
