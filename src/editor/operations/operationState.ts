import type { ArchiveEvent, CopyEvent, PushEvent, PushStatus } from '../../images/types.ts';
import { shortDigest } from '../../oci/digest.ts';

export type OperationKind = 'push' | 'save' | 'load' | 'import' | 'copy';

export type PartStatus = PushStatus | (CopyEvent & { kind: 'blob' })['status'] | 'Loading';

/** One layer or blob of an operation as a row shows it. */
export interface OperationPart {
  /** Twelve hex characters, unique in its operation. */
  readonly id: string;
  readonly status: PartStatus;
  /** Bytes; `total` 0 where it is not known. */
  readonly current: number;
  readonly total: number;
}

/** What runs in this window beside pulls: a push, save, load, import or copy. */
export interface OperationState {
  /** Stable while it runs. */
  readonly id: string;
  readonly kind: OperationKind;
  /** What a person reads: an image's name, or a file's. */
  readonly subject: string;
  readonly parts: readonly OperationPart[];
  /** Bytes of the whole, where the operation tells; else they are the sum of the parts. */
  readonly bytes?: { readonly current: number; readonly total?: number };
  /** What the core wants said though it went well, in its English. */
  readonly warnings: readonly string[];
}

export type OperationEvent = PushEvent | ArchiveEvent | CopyEvent;

export function startedOperation(id: string, kind: OperationKind, subject: string): OperationState {
  return { id, kind, subject, parts: [], warnings: [] };
}

/** What the operation is after an event. */
export function applyOperationEvent(state: OperationState, event: OperationEvent): OperationState {
  switch (event.kind) {
    case 'start':
    case 'tag':
    case 'pushed':
    case 'platform':
      return state;
    case 'warning':
      return { ...state, warnings: [...state.warnings, event.message] };
    case 'bytes':
      return {
        ...state,
        bytes: { current: event.current, ...(event.total === undefined ? {} : { total: event.total }) },
      };
    case 'layers': {
      const parts = event.layers.map(({ id, size }): OperationPart => ({
        id,
        status: 'Preparing',
        current: 0,
        total: size,
      }));
      // The tags of one push announce their layers one after the other, and share some.
      return parts.reduce((next, part) => (hasPart(next, part.id) ? next : withPart(next, part)), state);
    }
    case 'layer':
      return withPart(state, layerPart(state, event));
    case 'blob':
      return withPart(state, {
        id: shortDigest(event.digest),
        status: event.status,
        current: isThere(event.status) ? event.total : event.current,
        total: event.total,
      });
  }
}

function layerPart(
  state: OperationState,
  event: (PushEvent | ArchiveEvent) & { kind: 'layer' },
): OperationPart {
  const known = state.parts.find(({ id }) => id === event.id);
  const total = event.total ?? known?.total ?? 0;
  const status = 'status' in event ? event.status : 'Loading';
  const current = isThere(status) ? total : (event.current ?? known?.current ?? 0);
  return { id: event.id, status, current: total === 0 ? current : Math.min(current, total), total };
}

function hasPart(state: OperationState, id: string): boolean {
  return state.parts.some((part) => part.id === id);
}

function withPart(state: OperationState, part: OperationPart): OperationState {
  const parts = hasPart(state, part.id)
    ? state.parts.map((other) => (other.id === part.id ? part : other))
    : [...state.parts, part];
  return { ...state, parts };
}

/** True when none of the part's bytes are still to go. */
function isThere(status: PartStatus): boolean {
  switch (status) {
    case 'Pushed':
    case 'Layer already exists':
    case 'Mounted':
    case 'Skipped foreign layer':
    case 'Copied':
    case 'Already exists':
      return true;
    case 'Preparing':
    case 'Waiting':
    case 'Pushing':
    case 'Copying':
    case 'Loading':
      return false;
  }
}

/** Bytes done and to do; `total` 0 while that is not known. What the other side had already counts for nothing. */
export function operationTotals(operations: readonly OperationState[]): { current: number; total: number } {
  let current = 0;
  let total = 0;
  for (const { bytes, parts } of operations) {
    if (bytes !== undefined) {
      current += bytes.current;
      total += bytes.total ?? 0;
      continue;
    }
    for (const part of parts.filter(({ status }) => moves(status))) {
      current += part.current;
      total += part.total;
    }
  }
  return { current, total: Math.max(total, 0) };
}

function moves(status: PartStatus): boolean {
  return status !== 'Layer already exists' && status !== 'Already exists' && status !== 'Mounted';
}
