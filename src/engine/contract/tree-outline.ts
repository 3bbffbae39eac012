/** A single tree as people read it: its questions and answers, without the bins it was grown by. */
import type { ScoreUnit } from './model-card';

/** The outline among the files that explain the answers of a model, where that is a single tree. */
export const TREE_OUTLINE = 'tree.json';

/** Which way rows go; those of neither list of texts go with `othersLeft`. */
export interface OutlineSplit {
  /** What it asks of: a column, or what steps make. */
  feature: string;
  /** The column of the input that it reads as it is; null: steps changed or made it. */
  input: string | null;
  /** Numbers up to it go left; null of texts. */
  threshold: number | null;
  /** Texts, in parts; empty of numbers. */
  levelsLeft: string[];
  levelsRight: string[];
  othersLeft: boolean;
  missingLeft: boolean;
  left: number;
  right: number;
}

export interface OutlineNode {
  /** Of the training that reach it. */
  rows: number;
  /** What is answered where the tree ends here, as the scores of a card. */
  scores: number[];
  /** Null of a leaf. */
  split: OutlineSplit | null;
}

/** Node 0 is the root. */
export interface TreeOutline {
  unit: ScoreUnit;
  nodes: OutlineNode[];
}
