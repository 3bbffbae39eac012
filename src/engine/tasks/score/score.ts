/** How a model of a task is judged. */
import type { Drawing, Scorer } from '../../metrics';
import type { Evaluation, LabelsOutput, ModelCard, NumbersOutput } from '../../types';

/** A metric that tells a model from the trivial predictor. */
export interface Judge {
  metric: string;
  better: 'higher' | 'lower';
}

/** Undoes the scaling of a numeric target: number = output · scale + mean. */
export interface TargetScale {
  mean: number;
  scale: number;
}

/** What is right, of some rows. */
export interface Truth {
  /** Class indices or numbers, row-major [rows, width]; NaN where unknown. */
  values: Float64Array;
  /** Targets of a row; 0 where none is named. */
  width: number;
  rowCount: number;
  /** Of the targets. */
  names: string[];
  /** Those of the probabilities; null for numbers. */
  labels: string[] | null;
  /** Of a task that ranks within groups: the number of the group, by row. */
  groups?: Uint32Array;
  /** Of a split that keeps groups together: the number of the group, by row. */
  dependent?: Drawing['dependent'];
  /** How much each row counts; left out: all the same. */
  weights?: Float64Array;
}

/** What is answered for rows: of an `OutputBatch` what counts. */
export type Answer =
  { kind: NumbersOutput['kind']; prediction: ArrayLike<number> } | Pick<LabelsOutput, 'kind' | 'probabilities'>;

export interface Score {
  /** What candidates are compared by; lower is better. */
  metric: string;
  /**
   * The first that is defined decides, for the model and for each of several targets. Each compares the model with the
   * trivial predictor on the same rows by itself, so that the spread of the rows, which both share, does not hide a
   * difference: docs/decisions/0048-a-baseline-beside-every-figure.md.
   */
  judges: Judge[];
  /** The value of a target as an answer gives it, where what is learnt is another; left out: they are the same. */
  asAnswered?(learnt: number): number;
  /** Of a model's answers; without intervals where the seed is null. What is decided by is that of the card. */
  evaluate(
    answer: Answer,
    truth: Truth,
    options: { seed: number | null } & Pick<ModelCard, 'threshold' | 'decision' | 'variancePower'>,
  ): Evaluation;
  /** Of what a network gives for the targets as it learns them; null: the mean error of a reconstruction. */
  scorer: ((output: Float32Array, truth: Truth, scales: TargetScale[]) => Scorer) | null;
}
