/** What a network learns of the targets: its loss, and how its outputs become answers. */
import * as tf from '@tensorflow/tfjs-core';
import type { Target } from '../targets/target';
import type { Calibration } from './calibration';
import type { LossName, LossParameters } from './loss-names';
import type { Loss } from './loss';

export interface Learning {
  learns: 'numbers' | 'classes' | 'features';
  /** Whether rows are compared within groups of them (targets/groups.ts), by grades that stay as they are. */
  within?: true;
  /** The function whose probabilities a network learns; null: numbers. */
  ending: 'softmax' | 'sigmoid' | null;
  /** It can be trained with; the first is the default. */
  losses: readonly LossName[];
  /** @param outputs of the network: classes, numbers, or targets of two labels each */
  loss(outputs: number, parameters: Partial<LossParameters>): Loss;
  /** The classes that outputs say, as targets have them; null where there are none. */
  classes: ((output: tf.Tensor) => tf.Tensor) | null;
  /** From outputs to what a model answers: probabilities, or numbers as they are. */
  answer(output: tf.Tensor, calibration: Calibration | null): tf.Tensor;
  /** What is answered without reading any column, known from the training rows alone. */
  trivial: Trivial;
}

export interface Trivial {
  /** Of one row: numbers, or probabilities. @param weights by table row; left out: all count the same */
  row(targets: Target[], train: Uint32Array, weights?: Float64Array): number[];
  /** What of it can be scored; left out: every metric. */
  metrics?: string[];
}
