/** What training makes. */
import type { ModelAsset } from '../assets';
import type { Split } from '../events';
import type { Evaluation } from './evaluation';
import type { TrainedOn } from '../executors';
import type { ModelCard } from '../model-card';

/** How the weights of a model file are stored. Training makes float32. */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];
export type CompressedPrecision = Exclude<Precision, 'float32'>;

/** Medians on one thread of the machine that trained, from typed columns to the answer. */
export interface Latency {
  /** Of a single row. */
  rowMs: number;
  batchRows: number;
  batchMs: number;
}

/** A model file in one precision, and what it does on the test rows. */
export interface ModelVariant {
  precision: Precision;
  model: Uint8Array;
  /** As in the evaluation, those defined on these rows; `change` is from float32. */
  metrics: { name: string; target?: string; value: number; change: number }[];
  /** From float32: of the probabilities, or of the predicted numbers in the units of the targets. */
  difference: { largest: number; mean: number };
  latency: Latency;
}

/** A model, and how it was found. */
interface TrainedModel {
  /** Serving graph: inputs as `card.inputs`, outputs as serving-graph.ts says. */
  model: Uint8Array;
  /** The same in each precision: `model` itself first, then those that are smaller. */
  variants: ModelVariant[];
  /** What the model needs beside the graph, in any precision. */
  assets: readonly ModelAsset[];
  /** What explains its answers (serving/explanation.ts); empty where the card has no `explanation`. */
  explanation: readonly ModelAsset[];
  card: ModelCard;
  evaluation: Evaluation;
  /** Each candidate tried (one, unless the family is `auto`), best first, scored on the validation part. */
  leaderboard: {
    candidate: string;
    family: string;
    parameters: Record<string, unknown>;
    metric: string;
    /** Over folds the mean. */
    score: number;
    /** Of each fold; left out: the validation part judged. */
    foldScores?: number[];
    /** Their standard deviation. */
    spread?: number;
  }[];
  /** Of the best candidate; the others may have run elsewhere. */
  executor: TrainedOn;
}

/** Rows that a step was given, of the table or of parts of it, and that it left. */
export interface StepRows {
  stepId: string;
  parts: Split[];
  rowsIn: number;
  rowsOut: number;
}

/** Learnt from rows of a table, and evaluated on those that were held out. */
export interface RowsResult extends TrainedModel {
  kind: 'rows';
  /** `unused`: in the gaps of a split by time. */
  splitCounts: { train: number; validation: number; test: number; unused: number };
  /** Of each step that takes rows out, in order. */
  stepRows: StepRows[];
}

/** What a run ends with. What learns from something else, an environment or a text, adds a member. */
export type TrainResult = RowsResult;
