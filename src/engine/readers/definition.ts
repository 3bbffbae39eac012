/** How the columns of a table become what a learner reads. */
import type { KnownColumn } from '../columns/definition';
import type { SequenceLayout } from '../families/family';
import type { PlainColumn } from '../learning/fit';
import type { Encoding } from '../preprocess/encoding';
import type { FittedPreprocess } from '../preprocess/fit';
import type { IdCounter } from '../preprocess/ids/ids';
import type { Column, PreprocessOptions } from '../types';

/** A family names its reader; training, serving and estimates ask it. */
export interface Reader {
  name: string;
  /** Whether columns keep their places, whatever they hold; otherwise those that tell nothing are left out. */
  inOrder: boolean;
  /**
   * Fits the encoding, which encodes the rows to train on and appends itself to the serving graph.
   * @param rows table rows of the train part
   */
  fit(columns: Column[], rows: Uint32Array, request: ReaderFit): FittedPreprocess;
  /**
   * Of readers for learners of columns: what these get in place of encoded rows. Nothing is encoded then, so that steps alone
   * fill and scale, and memory has to hold the columns.
   */
  columns?(features: Column[], encoding: Encoding): PlainColumn[];
  /** Of one feature; left out: those of a float32. */
  featureBytes?: number;
  /** Features of each column, at most. */
  widths(columns: readonly ProfiledColumn[], rowCount: number, options: Widths): number[];
}

export interface ReaderFit {
  /** What the family says of columns in their order. */
  layout: SequenceLayout | null;
  options: PreprocessOptions;
  /** How many rows are trained on, where the given ones are a sample. */
  rowCount: number;
  /** What all rows that are trained on hold, by group of the layout. */
  ids: IdCounter[];
}

export interface ProfiledColumn extends KnownColumn {
  /** Different values. */
  distinct: number;
}

type Width = Pick<PreprocessOptions, 'bins' | 'levelsMax' | 'missingIndicator'>;
/** What the steps say of the width of columns, by name where it is their own. */
export type Widths = Width & { of?: ReadonlyMap<string, Partial<Width>> };
