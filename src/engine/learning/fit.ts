/** The seam inside the engine between tabular orchestration (train.ts) and those who learn (learner.ts). */
import type { NetworkFile } from '../network/network-file';
import type { GraphBuilder } from '../onnx/graph';
import type { IdEncoding } from '../preprocess/encoding';
import type { CardCalibration, Command, ExplanationCard, ModelAsset, Numbers, Task, TrainedOn } from '../types';

/**
 * Encoded training data: features row-major [rows, width]; y holds class indices or scaled targets, of a task of several
 * targets row-major [rows, targets].
 */
export interface Matrix<X extends Numbers = Float32Array> {
  rows: number;
  width: number;
  x: X;
  y: Float32Array;
  /** Loss weight of each value of y, 0 where it is missing; null: all 1. */
  weight: Float32Array | null;
}

/**
 * Rows in parts. The blocks of a group are in memory together, those of at most two groups at a time; block i of each group
 * has the same width.
 */
export interface Blocks<X extends Numbers = Float32Array> {
  rows: number;
  /** Of the widest block. */
  width: number;
  groups: Shape[][];
  /** The blocks of a group. They are valid until the next call but one. */
  load(group: number): Promise<Matrix<X>[]>;
}

export type Shape = Pick<Matrix, 'rows' | 'width'>;

export type Rows = Matrix | Blocks;

/** Rows of columns as they are: those at `at`, ascending; y and weight as of a Matrix. */
export interface ColumnRows extends Pick<Matrix, 'rows' | 'width' | 'y' | 'weight'> {
  /** The same of all parts of a table. */
  columns: readonly PlainColumn[];
  at: Uint32Array;
  /** Of the table, those that bins of columns are fitted to, so that models of other rows have the same; left out: `at`. */
  binAt?: Uint32Array;
  /** Of a task that ranks within groups: the number of the group, by row. */
  groups?: Uint32Array;
}

/** By row of the table. What is no finite number is missing; a missing text has place 0, others those below `count`. */
export type PlainColumn =
  | { kind: 'number'; name: string; values: Float64Array }
  | { kind: 'category'; name: string; places: Uint16Array; count: number };

/** As the learner of a family reads them (learner.ts). */
export type LearnedRows = Rows | ColumnRows;

export interface FitRequest<R extends LearnedRows = Matrix> {
  family: string;
  parameters: Record<string, unknown>;
  task: Task;
  /** Classes (of each step of a sequence), labels, or numbers. */
  outputs: number;
  /** Target values per row; 1 when left out. */
  targets?: number;
  /** The column of the table that each feature is of, from 0; left out: each is one of its own. */
  columns?: readonly number[];
  /** Of features that are ids, see `Dimensions`. */
  ids?: readonly IdEncoding[];
  train: R;
  validation: R;
  seed: number;
  /**
   * Whether a learner that fits its model once more in the end, to the validation rows as well, does so; true when left out. false
   * leaves that to a later request, from the last state of this one.
   */
  refit?: boolean;
  /** How long to learn, as a model of other rows found best (`Learned`): no row is there to judge. Left out: the learner finds out. */
  length?: number;
  /** Of families that go on from a trained network. */
  network?: NetworkFile;
  /** State from `FitPort.checkpoint`, or null to start afresh. */
  resume: Uint8Array | null;
}

/** One deterministic point: a metric after so many steps, of whatever a step is to the learner. */
export interface FitPoint {
  step: number;
  /** Of learners that pass over the rows again and again. */
  epoch?: number;
  split: 'train' | 'validation';
  name: string;
  value: number;
  /** Share of the whole that is done by then, at most, where that is known. */
  fraction?: number;
}

export interface FitPort {
  /** After each chunk. */
  points(points: FitPoint[]): void;
  /** Between chunks, not more often than every two seconds or so. */
  checkpoint(state: Uint8Array): void;
  /** Asked between chunks: `stop` and `pause` make the fit throw TrainingStopped and TrainingPaused. */
  control(): Command;
  /** The state to go on from was not taken up. */
  startsAnew?(): void;
  /** The learning rate wished for; null: the one it has. */
  learningRate(): number | null;
  /** The rate has changed, for the steps after `step`. */
  learningRateChanged(rate: number, step: number): void;
}

/** How scores of a model come about, where that can be told. */
export interface LearnedScores extends Pick<ExplanationCard, 'unit' | 'scores' | 'operations'> {
  /** What explains them: trees as trees/inside/trees.file.ts has them. */
  trees: Uint8Array;
  /** By feature: what splits by it lower the loss by, and how many there are. */
  gains: number[];
  splits: number[];
  /** Whether all scores are of one tree, which a person can follow. */
  isSingle: boolean;
}

/** A model by itself, to be run over rows (executors/predictor.ts). */
export interface Predicting {
  /** Of a model, from a [batch, width] value to [batch, ...shape]. */
  append(graph: GraphBuilder, features: string): string;
  width: number;
  /** Of an answer, without the batch. */
  shape: number[];
  threads: number;
  /** Of the features; float32 when left out. */
  element?: 'float32' | 'float64';
}

/** What models of one learner are made of, where the mean of several is a model of the same kind. */
export interface ModelTerms {
  /** @param all of equal requests but for their rows, this one among them */
  mean(all: readonly ModelTerms[]): Pick<FittedModel, 'append' | 'parameterCount' | 'explanation'>;
}

export interface FittedModel {
  parameterCount: number;
  /** Parameters with every default filled in. */
  parameters: Record<string, unknown>;
  /** Loss on validation of the restored best weights; NaN where there is none. */
  validationLoss: number;
  /** 0 of learners that have no epochs. */
  bestEpoch: number;
  /** Whether it is fitted to the validation rows as well in the end; validation scores are then those of the model before. */
  isRefitted: boolean;
  /** See `Learned`. */
  awaitsRefit: boolean;
  executor: TrainedOn;
  /** Files that the model needs beside its graph; left out: none. */
  assets?: readonly ModelAsset[];
  /** How probabilities are corrected in `append`; left out: they are those that were learnt. */
  calibration?: CardCalibration;
  /** See `Learned`. */
  explanation?: LearnedScores;
  length?: number;
  terms?: ModelTerms;
  /**
   * Forward pass over features: probabilities or raw numbers, [rows, outputs]; of a sequence [rows, steps, outputs]. For
   * validation: where the model is fitted to the validation rows in the end, it is the one before.
   */
  predict(x: Numbers, rows: number): Promise<Float32Array>;
  /** Appends the forward pass to a serving graph: see `Learned`. */
  append(graph: GraphBuilder, features: string): string;
  /** What `predict` runs another pass with. */
  predicting: Omit<Predicting, 'append'>;
  release(): Promise<void>;
}

export type Fit = (request: FitRequest<LearnedRows>, port: FitPort) => Promise<FittedModel>;
