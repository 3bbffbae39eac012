/** What learners of trees say of their requests: which one a state is of, and how many nodes are too many. */
import type { ColumnRows, FitRequest } from '../learning/fit';
import { EngineError } from '../types';
import type { Round } from './tree';

/** A state of another request is not taken up. */
export function fingerprintOf({
  family,
  parameters,
  task,
  outputs,
  train,
  validation,
  seed,
}: FitRequest<ColumnRows>): string {
  const columns = train.columns.map((column) => [column.name, column.kind === 'category' ? column.count : null]);
  return JSON.stringify([family, parameters, task, outputs, columns, train.rows, validation.rows, seed]);
}

/** Of all trees together: what a model file of tens of megabytes holds. */
export const NODES_MAX = 1_000_000;

export class NodeCount {
  private count: number;

  /** @param hint what to do about too many */
  constructor(
    rounds: Round[],
    private readonly hint: string,
  ) {
    this.count = rounds.reduce((sum, round) => sum + nodesOf(round), 0);
  }

  /** Throws EngineError when there are too many. */
  add(round: Round): void {
    this.count += nodesOf(round);
    if (this.count <= NODES_MAX) return;
    const most = NODES_MAX.toLocaleString('en');
    const message = `The trees have more than ${most} nodes together, too many for a model file.`;
    throw new EngineError(message, 'estimator.parameters.trees', this.hint);
  }
}

/** Trees of one shape count once. */
export const nodesOf = (round: Round): number =>
  round.reduce((sum, { splits }, output) => (output > 0 && splits === round[0].splits ? sum : sum + splits.length), 0);
