/** What a model says of itself: the card in the metadata of its file. */
import type { ColumnReading } from '../../formats';
import type { ModelWarning } from './results/evaluation';
import type { ErrorCosts, PlannedStep, Task } from './requests';

/** One raw input column of a serving graph; the graph input has the same name, shape [batch, 1]. */
export interface InputField extends ColumnReading {
  name: string;
  type: 'number' | 'category';
  /** Of the graph input of a number; older cards do not say: float32. */
  elementType?: 'float64';
  /** Seen range of a number column in training, for notes on predictions, for drift and for forms. */
  minimum: number | null;
  maximum: number | null;
  /** Levels with a column of their own; others are treated as "other". */
  levels: string[] | null;
  /** Of text: what training saw besides `levels`. Older cards do not say, nor do those of more than a million. */
  rareLevels?: RareLevels;
  /** Fill of a missing number. */
  fill: number | null;
  /** Share of the training rows in which it was missing; older cards do not say. */
  missingFraction?: number;
  /** Of a column of ids: which of the card's vocabularies they are looked up in. */
  vocabulary?: number;
}

/** Texts that rows of the training hold, and that a model does not tell apart: too rare, or too many. */
export interface RareLevels {
  /** How many there are. */
  count: number;
  /** Share of the training rows that the most frequent of them is in. */
  largestShare: number;
  /** In order; null where they are too many to list. */
  texts: string[] | null;
  /** In place of `texts`, as in a vocabulary of ids. */
  filter?: { bits: string };
}

/** The ids that a model knows: numbers and texts, told apart by their value. */
export interface IdVocabulary {
  /** How many there are. */
  count: number;
  /** Those ids as texts, numbers ascending before texts; null where they are too many to list. */
  ids: string[] | null;
  /** In place of `ids`: their texts as a filter (preprocess/text-filter.ts), which takes one unknown id in a hundred for known. */
  filter?: { bits: string };
  /** An id of steps that do not count. */
  padding?: string;
}

/** One of several target columns. */
export interface TargetField extends Pick<ColumnReading, 'columnType'> {
  name: string;
  /** What it may hold, in the order of its classes; the second of two is the positive one. Null for numbers. */
  labels: string[] | null;
  /** As that of a card. */
  resolution?: number;
}

/** An entity with its history, which is what a model of such a card is asked about. */
export interface HistoryCard {
  /** The column that names the entity in the training. */
  key: string;
  /** The column that its rows are in the order of, one of `inputs`. */
  order: string;
  /** What makes inputs of the model of the rows, as in the training. */
  steps: Omit<PlannedStep, 'after'>[];
  /** Columns of the rows. */
  inputs: InputField[];
}

/** How one of two classes is chosen. */
export interface Decision {
  /** The probability of the positive class from which on it is answered. */
  threshold: number;
  /** What it follows from. */
  costs: ErrorCosts;
}

/** How probabilities are corrected: softmax(slope · logarithm + offset of the class). */
export interface CardCalibration {
  /** One slope for all classes, which leaves the likeliest as it is; or with an offset for each class. */
  kind: 'temperature' | 'platt';
  slope: number;
  /** In the order of the labels. */
  offsets: number[];
  /** Of the validation rows: without the correction, and with it, cross-validated. */
  logLossBefore: number;
  logLossAfter: number;
}

/** How columns that are not known are filled in: by the rows that went the same ways in the trees, or by those of a sample. */
export const EXPLANATION_METHODS = ['pathDependent', 'interventional'] as const;
export type ExplanationMethod = (typeof EXPLANATION_METHODS)[number];

/**
 * What the scores of a model are, to which columns add: numbers in the unit of the target, or their logarithms; log-odds or
 * probabilities; or scores before softmax, of which differences are logarithms of ratios of probabilities.
 */
export const SCORE_UNITS = ['target', 'logTarget', 'logOdds', 'logScore', 'probability'] as const;
export type ScoreUnit = (typeof SCORE_UNITS)[number];

/** What an answer is divided among: a column of the input, or what steps make of several. */
export interface ExplainedPart {
  name: string;
  inputs: string[];
}

/** Of a model whose answers can be explained. */
export interface ExplanationCard {
  unit: ScoreUnit;
  /** Of a row: of two classes that of the second, of several one for each, of several targets one for each. */
  scores: number;
  parts: ExplainedPart[];
  /** Steps of computation for a row. */
  operations: Record<ExplanationMethod, number>;
}

/** How a model came of folds, each of which judged a model of the rows of the others. */
export interface FoldsCard {
  count: number;
  /** Of the scores; lower is better. */
  metric: string;
  /** The mean of the models of the folds, as one model, or one that is fitted to all their rows for as long. */
  kept: 'mean' | 'refit';
  /** Of both ways, on folds that took no part in either; null: they were not compared. */
  meanScore: number | null;
  refitScore: number | null;
  /** What a single row costs the mean, as a multiple of what it costs one model, about. */
  rowCost: number;
}

export interface ModelCard extends Pick<ColumnReading, 'columnType'> {
  task: Task;
  /** The column it predicts; null where there are several (then see `targets`) or none. */
  target: string | null;
  /** The columns of a task of several targets, in the order of the outputs; left out otherwise. */
  targets?: TargetField[];
  family: string;
  parameters: Record<string, unknown>;
  inputs: InputField[];
  /** Of models whose inputs are in part made of the earlier rows of an entity. */
  history?: HistoryCard;
  /** Of models that read ids; versions made before there were vocabularies have none. */
  vocabularies?: IdVocabulary[];
  /** Labels in the order of the `probabilities` output: classes, of multilabel the names of the targets; null for numbers. */
  labels: string[] | null;
  /**
   * Of a number: predictions that differ by less say the same, as the network computes in 32-bit floats. Left out where that
   * depends on the number itself: 7 digits.
   */
  resolution?: number;
  /** Of ranking: the column that says which rows are put in order together. */
  rankedWithin?: string;
  /** Of counts and amounts: the power of their mean that their variance grows by, which their deviance is of. */
  variancePower?: number;
  /** Of anomaly: rows with a larger error are anomalies. */
  threshold?: number;
  /** Of two classes whose errors cost differently; left out: the likelier class is answered. */
  decision?: Decision;
  /** Left out: probabilities are those that the model has learnt. */
  calibration?: CardCalibration;
  parameterCount: number;
  /** How many rows it is fitted to; older cards do not say. */
  fittedRows?: number;
  /** Whether the validation rows are among them: it was fitted once more when all choices were made. Older cards do not say. */
  refitted?: boolean;
  /** Left out: one validation part judged; older cards do not say. */
  folds?: FoldsCard;
  /** Columns that are not used, and why. */
  leftOut: { column: string; reason: string }[];
  /** Left out: its answers cannot be explained. */
  explanation?: ExplanationCard;
  /** Found when it was evaluated; older cards do not say. */
  warnings?: ModelWarning[];
}
