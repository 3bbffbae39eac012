/**
 * The fitted encoding of a table: plain constants, read by encode.ts (typed arrays, for training) and by graph.ts (ONNX
 * nodes, for serving). Feature order: ids, scaled numbers, missing indicators, bins, one-hot slots,
 * parts of a reader of its own.
 * Numbers are float64 until they are features, so that those far from zero keep their digits; the operations and their
 * order are the same in both, so training and serving see the same numbers: docs/decisions/0049-numbers-in-float64.md.
 */
import type { ColumnTensors } from '../columns/definition';
import type { GraphBuilder } from '../onnx/graph';
import type { Column } from '../types';

export interface NumberEncoding {
  columns: string[];
  /**
   * Per column: scaled = (value − center) · inverseScale. A value is missing when that is no number of float32; then
   * `fill` takes its place.
   */
  fill: Float64Array;
  center: Float64Array;
  inverseScale: Float64Array;
  /** Indices into `columns` that have a 0/1 feature, 1 where the value is missing. */
  indicators: Int32Array;
  /**
   * Piecewise-linear features clip((scaled − lower) · inverseWidth, 0, 1), one per bin of column `source`
   * (Gorishniy, Rubachev, Babenko: On Embeddings for Numerical Features in Tabular Deep Learning, NeurIPS 2022).
   */
  bins: { source: Int32Array; lower: Float64Array; inverseWidth: Float64Array };
}

export interface CategoryEncoding {
  column: string;
  /** Levels with a slot of their own, most frequent first. */
  levels: string[];
  /** Slot within the column of missing values and of every other level; −1: all slots are 0. */
  missingSlot: number;
  otherSlot: number;
  slotCount: number;
}

/** A number or a text; a text that is written as numbers are is that number (ids.ts). */
export type Id = number | string;

/** Columns of ids that share a vocabulary. The feature is the place of the id in it: first the numbers, then the texts; −1: unknown. */
export interface IdEncoding {
  columns: { name: string; kind: 'number' | 'category' }[];
  /** Ascending. */
  numbers: Float64Array;
  texts: string[];
  /** The feature of a missing id. */
  missing: number;
  /** An id that reads as a missing one. */
  padding: Id | null;
  /** Whether all rows that were trained on have an id of the vocabulary. */
  complete: boolean;
}

export const idCount = ({ numbers, texts }: IdEncoding): number => numbers.length + texts.length;

/** Columns as they are: numbers, NaN where missing, then the places of texts. */
export interface PlainColumns {
  numbers: string[];
  texts: LevelPlaces[];
}

export interface LevelPlaces {
  column: string;
  /** With a place of their own, most frequent first: level i has i + 1, a missing text 0. */
  levels: string[];
  /** The place of every other level; 0 where training saw none: nothing is known of it, as of a missing one. */
  other: number;
}

/** Features that a reader serves in a way of its own. */
export interface ServedPart {
  columns: readonly string[];
  /** Of each feature, the place of its column among `columns`. */
  sources: readonly number[];
  /** Returns the name of the features [batch, width], float unless the part stands alone. */
  append(graph: GraphBuilder, columns: ColumnTensors): string;
}

/** One that is encoded to train on, the same as it is served. */
export interface FeaturePart extends ServedPart {
  /** @param columns those of the part, in its order */
  encode(columns: Column[], rows: Uint32Array, to: FeaturePlace): void;
}

/** Where features are written: from number `offset` of each row on, of rows of `width` features. */
export interface FeaturePlace {
  out: Float32Array;
  width: number;
  offset: number;
}

export interface Encoding {
  ids: IdEncoding[];
  numbers: NumberEncoding;
  categories: CategoryEncoding[];
  /** Left out: none. */
  parts?: FeaturePart[];
  /** Of learners that read columns as they are, float64; there is nothing beside it. */
  plain?: PlainColumns & ServedPart;
}

export const servedParts = ({ parts = [], plain }: Encoding): ServedPart[] => (plain ? [...parts, plain] : parts);

export function encodedWidth(encoding: Encoding): number {
  const { ids, numbers, categories } = encoding;
  const idWidth = ids.reduce((sum, { columns }) => sum + columns.length, 0);
  const slots = categories.reduce((sum, { slotCount }) => sum + slotCount, 0);
  const partWidth = servedParts(encoding).reduce((sum, { sources }) => sum + sources.length, 0);
  return idWidth + numbers.columns.length + numbers.indicators.length + numbers.bins.source.length + slots + partWidth;
}

/** What a missing number becomes. */
export const scaledFills = ({ fill, center, inverseScale }: NumberEncoding): Float64Array =>
  fill.map((value, c) => (value - center[c]) * inverseScale[c]);

/** For each feature the column it is of, counted through the ids, the numbers, the categories and the parts. */
export function columnsOfFeatures(encoding: Encoding): number[] {
  const { ids, numbers, categories } = encoding;
  const first = ids.reduce((sum, group) => sum + group.columns.length, 0);
  const { columns, indicators, bins } = numbers;
  const slots = categories.flatMap(({ slotCount }, i) => new Array<number>(slotCount).fill(columns.length + i));
  let next = columns.length + categories.length;
  const ofParts = servedParts(encoding).flatMap(({ columns: { length }, sources }) => {
    next += length;
    return sources.map((source) => next - length + source);
  });
  const others = [...columns.keys(), ...indicators, ...bins.source, ...slots, ...ofParts];
  return [...Array(first).keys(), ...others.map((column) => first + column)];
}

/** The slot of a level within its column, −1 for none. Missing text is ''. */
export function slotOf(category: CategoryEncoding, level: string): number {
  if (level === '') return category.missingSlot;
  const slot = category.levels.indexOf(level);
  return slot >= 0 ? slot : category.otherSlot;
}
