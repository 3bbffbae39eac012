/** Explains rows of the matrix that trees read. */
import type { ExplanationMethod } from '../../types';
import { binFinder, type ColumnBins } from '../bins';
import type { BinnedRow, Explains } from './explains';
import { Interventional } from './interventional';
import { PathDependent } from './path-dependent';
import type { ScoredTrees } from './trees.file';

const METHODS: Record<ExplanationMethod, (trees: ScoredTrees) => Explains> = {
  pathDependent: ({ rounds, start, columns }) => new PathDependent(rounds, start, columns.length),
  interventional: ({ rounds, start, columns, background }) =>
    new Interventional(rounds, start, columns.length, background),
};

/** Steps of computation for one row, by method. */
export const operationsOf = ({ rounds, background }: ScoredTrees): Record<ExplanationMethod, number> => ({
  pathDependent: PathDependent.operations(rounds),
  interventional: Interventional.operations(rounds, background.rows),
});

export class TreesExplainer {
  readonly outputs: number;
  private readonly explains: Explains;
  private readonly binOf: ((value: number) => number)[];
  private readonly row: BinnedRow;

  constructor(trees: ScoredTrees, method: ExplanationMethod) {
    this.explains = METHODS[method](trees);
    this.outputs = trees.start.length;
    this.binOf = trees.columns.map(binReader);
    this.row = { bins: new Uint8Array(trees.columns.length), at: 0, columns: trees.columns.length };
  }

  get base(): readonly number[] {
    return this.explains.base;
  }

  /** Of the row whose features begin at `at`: row-major [outputs, columns]. */
  explain(features: Float64Array, at: number): Float64Array {
    const { row, binOf, outputs } = this;
    binOf.forEach((bin, column) => (row.bins[column] = bin(features[at + column])));
    const values = new Float64Array(outputs * row.columns);
    this.explains.add(row, values);
    return values;
  }
}

/** Texts are the places of their levels already, which are their bins. */
const binReader = (column: ColumnBins): ((value: number) => number) =>
  column.kind === 'number' ? binFinder(column.bounds) : (place) => place;
