import * as vscode from 'vscode';
import { operationItem, operationPartItem } from './operationItems.ts';
import type { OperationNode, OperationPartNode } from './operationNodes.ts';
import type { Operations } from './operations.ts';

/** What runs in this window, as rows of a tree. */
export class OperationRows {
  readonly #operations: Operations;
  /** A row is redrawn by its object: each operation keeps its own while it runs. */
  readonly #nodes = new Map<string, OperationNode>();

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  roots(): readonly OperationNode[] {
    const ids = this.#operations.all.map(({ id }) => id);
    for (const id of this.#nodes.keys()) if (!ids.includes(id)) this.#nodes.delete(id);
    return ids.map((operationId) => {
      const node = this.#nodes.get(operationId) ?? { kind: 'operation', operationId };
      this.#nodes.set(operationId, node);
      return node;
    });
  }

  children(node: OperationNode): readonly OperationPartNode[] {
    const parts = this.#operations.get(node.operationId)?.parts ?? [];
    return parts.map((part) => ({ kind: 'operationPart', operation: node, part }));
  }

  item(node: OperationNode | OperationPartNode): vscode.TreeItem {
    if (node.kind === 'operationPart') return operationPartItem(node);
    const operation = this.#operations.get(node.operationId);
    // It may end between being listed and being drawn.
    return operation === undefined ? new vscode.TreeItem('') : operationItem(node, operation);
  }

  /** `all`: rows came or went. `row`: this one moved. */
  onDidChange(all: () => void, row: (node: OperationNode) => void): { dispose(): void } {
    return this.#operations.onDidChange((change) => {
      if (change.kind === 'list') all();
      else
        for (const id of change.ids) {
          const node = this.#nodes.get(id);
          if (node !== undefined) row(node);
        }
    });
  }
}
