/** What a step of the columns stage says of columns, and what it becomes once it is fitted. */
import type { GraphBuilder } from '../onnx/graph';
import type { Column, ColumnTraits, PreprocessOptions } from '../types';

export interface KnownColumn {
  name: string;
  kind: Column['kind'];
  /** What the dataset says of it; none of a column that a step makes. */
  traits?: ColumnTraits;
  /** Why it is no feature, and no step changes it; one that makes another column of it may read it. */
  reserved?: string;
}

/** The columns of a table, and those that steps made before. */
export interface KnownColumns {
  columns: readonly KnownColumn[];
  /** Why a column is none of them, by name: it is the target, or dropped. */
  withheld: ReadonlyMap<string, string>;
  /** The step that makes a column which is not there before, by name. */
  makers?: ReadonlyMap<string, string>;
}

/** The values of the training part, and what the dataset says of the column. */
export type TrainingColumn = Column & Pick<KnownColumn, 'traits'>;

export interface Touched {
  /** What it needs, as it is before the step. */
  reads: KnownColumn[];
  /** What it changes, or makes. */
  writes: KnownColumn[];
  /** Columns that it puts others in the place of: they are no features, and no later step changes them. */
  spends?: KnownColumn[];
}

/** Tells what is wrong with a parameter: `.columns.names[0]`, a predicate, and what to do. */
export type TellFault = (path: string, message: string, hint: string) => void;

export interface ColumnsStage<P> {
  /** It changes columns where they are, each by its own values alone: one that nothing needs is passed over. */
  isColumnwise?: boolean;
  /** The column that it makes, or changes where there is one of this name. */
  makes?(parameters: P): string;
  /** Pure, and asked before there are values. */
  touches(parameters: P, known: KnownColumns, fault: TellFault): Touched;
  /**
   * To the values of the training part, of the columns that it reads, in their order. Left out of a step that says no more
   * than how columns are encoded: its order does not matter.
   */
  fit?(parameters: P, columns: TrainingColumn[]): FittedTransform;
  /**
   * How the encoding does the same, where no other step reads what the step gives: then the step is no part of the graph
   * of its own. `part`: no two steps of one part fit into the encoding of a column, nor a part before one of lower rank.
   */
  encodes?(parameters: P): { part: EncodingPart; options: Partial<PreprocessOptions> };
}

/** In the order in which the encoding does them; `features` is of no order. */
export const ENCODING_PARTS = ['fill', 'scale', 'features'] as const;
export type EncodingPart = (typeof ENCODING_PARTS)[number];

/** Values that a step gives, by column; numbers are float64 in which NaN is missing, of texts '' is. */
export interface ColumnTensors {
  /** Of these columns, in this order: [batch, columns]. They are all numbers, or all texts. */
  take(names: readonly string[]): string;
  /** Says that the columns of a tensor [batch, columns] are these from now on. */
  set(names: readonly string[], tensor: string): void;
}

export interface FittedTransform {
  /** Appends what gives the columns that the step writes, and its flags under their names (`flagOf`). */
  append(graph: GraphBuilder, columns: ColumnTensors): void;
  /** Columns of which a number of 0 or 1 tells what their new values do not show. */
  flags?: string[];
  /** What a missing number becomes, by column. */
  fills?: ReadonlyMap<string, number>;
  /** Goes on from the name of the step, without a full stop: what is odd about the rows that it is fitted to. */
  note?: string;
  /** Its numbers are in another unit than those that it reads. */
  changesUnit?: boolean;
}

/** No column of a table has such a name. */
export const flagOf = (column: string): string => `\u0000flag ${column}`;
