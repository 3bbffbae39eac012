/** What a step of the rows stage says: which rows are used, or what their histories hold. */
import type { ColumnTensors, KnownColumn, TellFault } from '../columns/definition';
import type { RepeatedStage } from '../history/definition';
import type { GraphBuilder } from '../onnx/graph';
import type { Split, Table } from '../types';

/** The rows that a step decides on, read in parts. Whatever reads them holds little more than a part. */
export interface RowReader {
  rowCount: number;
  columns: readonly KnownColumn[];
  /** Bytes that a step may take, beside a few for each row. */
  bytesMax: number;
  scan(columns: readonly string[]): AsyncIterable<Table>;
  /** What a graph gives for each row: the name of a float64 [batch, 1] that it appends. In parts, in order. */
  compute(
    columns: readonly KnownColumn[],
    append: (graph: GraphBuilder, columns: ColumnTensors) => string,
  ): AsyncIterable<Float64Array>;
}

export type RowsStage<P> = OmittingStage<P> | RepeatedStage<P>;

export interface OmittingStage<P> {
  /** `omit`: it is for training; the model answers for every row that it is asked. */
  atServing: 'omit';
  /** Of which parts rows are taken out; null: of the table, before it is divided. Left out: always so. */
  parts?(parameters: P): readonly Split[] | null;
  /** Columns of which more is to be known than that they are there: a step that reads the target chooses what is scored. */
  reads?(parameters: P): readonly string[];
  /** Tells what is wrong with the columns of a table. Pure, and asked before there are values. */
  check(parameters: P, columns: readonly KnownColumn[], fault: TellFault): void;
  /** Of each row 1 where it is used, else 0. */
  keep(parameters: P, rows: RowReader): Promise<Uint8Array>;
}
