/** How models are learnt: one interface behind which every kind of learning stands, by gradient or not. */
import type { ColumnRows, FitPoint, FittedModel, FitRequest, LearnedRows, ModelTerms, Rows } from './fit';
import type { TrainedOn } from '../types';

export type Learner = FeatureLearner | ColumnLearner;

/** Reads rows that are encoded, in memory or in blocks. */
export type FeatureLearner = LearnerOf<Rows> & { readonly reads?: undefined };

/** Reads columns as they are, all of them in memory; `reads` is the name of the reader that gives them. */
export type ColumnLearner = LearnerOf<ColumnRows> & { readonly reads: 'columns' };

/**
 * Learns from rows. What holds for every learner is not its own: when events and checkpoints are stored, and that a
 * training is paused, stopped and gone on with.
 */
export interface LearnerOf<R extends LearnedRows> {
  /** Whether answers of its models can be explained: it then gives `explanation`. */
  readonly explains?: boolean;
  /** Raised when its states take another form: those of another version are not gone on from. */
  readonly stateVersion: number;
  /**
   * Deterministic: the same request gives the same points and the same model. From a state that it has given, it goes on to the same
   * end; from its last state it gives the same model at once.
   */
  fit(request: FitRequest<R>, port: LearnerPort): Promise<Learned>;
}

/** What decides who trains. */
export type Trained = Pick<FitRequest<LearnedRows>, 'task' | 'outputs' | 'train'>;

/** `parameters` have every choice made; `resume` is a state of the learner's own. */
export type LearnRequest = FitRequest<Rows>;

export interface LearnerPort {
  /** Threads that it may compute on at a time, its own included. Those that it starts end with its training. */
  readonly threads: number;
  /**
   * What is new since the last call. To be called between two pieces of work, at least four times a second, and at the end.
   * Throws TrainingStopped or TrainingPaused: let it pass.
   */
  report(progress: Progress): void;
  /** The state to go on from is not taken up: it is of other data, or of another network. */
  startsAnew(): void;
  /** The learning rate wished for, of learners that have one; null: the one it has. */
  learningRate(): number | null;
  /** The rate has changed, for the steps after `step`. */
  learningRateChanged(rate: number, step: number): void;
}

export interface Progress {
  points: FitPoint[];
  /** Bytes to go on from. Asked for only when they are stored. */
  state: () => Uint8Array;
  /** Whether the state is stored in any case: for what cannot be found again, such as a wish that was followed. */
  store?: boolean;
  /** Nothing is left to learn. */
  finished?: boolean;
}

/** What a learner gives: a model that is part of a graph. */
export interface Learned {
  /** How many numbers it has learnt. */
  parameterCount: number;
  /** Parameters that were left open, as they were chosen in training; left out: none. */
  chosen?: Record<string, unknown>;
  /** Of learners that pass over the rows: the pass that gave the model, and its loss on the validation rows. */
  best?: { epoch: number; loss: number };
  /** Left out: it computes in JavaScript. */
  executor?: TrainedOn;
  /** Of learners that compute in JavaScript, those that were used; 1 when left out. */
  threads?: number;
  /**
   * Appends the model to a graph. `features` names a tensor [batch, width], float, or float64 of a learner that reads columns;
   * returns the name of probabilities or numbers, float [batch, outputs], of a sequence [batch, steps, outputs]. Validation
   * and serving run the same nodes.
   */
  append: FittedModel['append'];
  /** Where the model was fitted to the validation rows as well in the end: the one before, which they can judge. */
  judged?: FittedModel['append'];
  /** How long it learnt: passes, rounds, or leaves. A model of other rows may learn as long; left out: it makes no such choice. */
  length?: number;
  /** Left out: the mean of several models is that of their answers. */
  terms?: ModelTerms;
  /** It would have been, but that the request left it to a later one. */
  awaitsRefit?: boolean;
  /** Files that the model needs beside its graph; left out: none. */
  assets?: FittedModel['assets'];
  /** Of the model that is appended; left out: its answers cannot be explained. */
  explanation?: FittedModel['explanation'];
}
