import type { OperationPart } from './operationState.ts';

/** Only the id: the row asks for the operation's state when it is drawn. */
export interface OperationNode {
  readonly kind: 'operation';
  readonly operationId: string;
}

export interface OperationPartNode {
  readonly kind: 'operationPart';
  readonly operation: OperationNode;
  readonly part: OperationPart;
}

/** The same row has the same id after a refresh. */
export function operationNodeId(node: OperationNode | OperationPartNode): string {
  return node.kind === 'operation'
    ? `operation/${node.operationId}`
    : `operation/${node.operation.operationId}/${node.part.id}`;
}
