/** How rows come to the train, validation and test parts: each kind of split is one file, which says all about it. */
import { z } from 'zod';
import type { Unit } from '../history/definition';
import type { Random } from '../random';
import type { Targets } from '../tasks/targets/shape';
import type { Column, ColumnTraits, Split, SplitOptions } from '../types';

/** Table rows of each part, ascending. */
export type Parts = Record<Split, Uint32Array>;

export type OptionsOf<K extends SplitOptions['kind']> = Extract<SplitOptions, { kind: K }>;

export interface Division<O> {
  options: O;
  target: Targets;
  /** That of the options. */
  column: Column | null;
  /** Of a row, the number by which people know it. */
  numberOf(row: number): number;
  random: Random;
}

export interface SplitFault {
  option: string;
  message: string;
  hint: string;
}

export interface SplitColumn {
  holds: string;
  /** Why it is no feature. */
  leftOut: string;
  /** Whether rows to predict have it, so that steps may make features of it. */
  isKnownLater: boolean;
}

export interface SplitKind<K extends SplitOptions['kind'] = SplitOptions['kind']> {
  /** Of a pipeline's step. */
  parameters: z.ZodObject<{ kind: z.ZodLiteral<K> }>;
  /** Of a kind that reads a column. */
  column?: SplitColumn;
  /** Whether the rows of one value of the column are never in two parts. */
  keepsGroups?: true;
  /**
   * What is made of the earlier rows of an entity never tells of a part that is held out: its rows are in one part, or later
   * parts come later. Left out: it may.
   */
  keepsHistories?(options: OptionsOf<K>, unit: Unit): boolean;
  /** What is wrong with the options, by what the dataset says of the column: their name, and why. */
  faults?(options: OptionsOf<K>, traits: ColumnTraits): SplitFault[];
  /**
   * Deals rows that are in no test part to so many folds, or to fewer; the rows of each, ascending. null: the column itself says
   * which rows choose. Left out: the rows that choose come behind the others.
   */
  folds?(division: Division<OptionsOf<K>>, rows: Uint32Array, count: number): Uint32Array[] | null;
  /** Rows may be in no part. Throws EngineError where the column does not say where a row belongs. */
  divide(division: Division<OptionsOf<K>>): Parts;
}

export const FRACTION_MAX = 0.5;

const fraction = (what: string) =>
  z.number().gt(0).max(FRACTION_MAX).default(0.2).describe(`${what}, above 0, at most ${FRACTION_MAX}.`);

/** Parameters of several kinds. */
export const FIELDS = {
  column: z.string().min(1).max(500),
  testFraction: fraction('Share of the rows held out for the evaluation'),
  validationFraction: fraction('Share of the rows that are not test rows'),
  stratify: z.boolean().default(true),
};
