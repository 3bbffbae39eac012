/** What a step of the rows stage says that makes columns of an entity's history: at training, and again at serving. */
import type { KnownColumn, TellFault } from '../columns/definition';
import type { Column } from '../types';
import type { History } from './history';

/** An entity with its history: rows of one key, in an order. */
export interface Unit {
  /** The column that names the entity. */
  key: string;
  /** A column of numbers or times. */
  order: string;
}

/** A history of which a column cannot be made. */
export class HistoryFault extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** A column that a step makes. */
export interface HistoryColumn {
  name: string;
  /** The column of the table that it is made of. */
  reads: string;
  /** Where `reads` is named, below the parameters. */
  path: string;
  /** Null: any. */
  takes: Column['kind'] | null;
  /** It is made of the values of a row itself as well, and not of those before alone. */
  readsCurrent: boolean;
  /**
   * Values for some places of the history, in their order; each depends on rows of the same entity up to that place, and on
   * nothing else: training, which has the whole history, and serving, which has its end, make the same. Throws HistoryFault.
   */
  compute(history: History, column: Column, places: Uint32Array): Column;
}

export interface RepeatedStage<P> {
  /** The model declares its unit; `predict` takes entities, and makes the columns of their rows by the same code. */
  atServing: 'repeat';
  unit(parameters: P): Unit;
  makes(parameters: P): HistoryColumn[];
  /** Tells what is wrong with its parameters, by the columns of the table. */
  check?(parameters: P, columns: readonly KnownColumn[], fault: TellFault): void;
}
