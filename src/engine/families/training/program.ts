/** What a family hands to the runtime: parameters, forward pass and how to train it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Counting } from '../../layers/losses';
import type { ParameterSpec, Updates } from '../../layers/parameters';
import type { NetworkFile } from '../../network/network-file';
import type { IdEncoding } from '../../preprocess/encoding';
import type { LossParameters } from '../../tasks/learning/loss-names';
import type { Task } from '../../types';

export interface Program {
  parameters: ParameterSpec[];
  /**
   * Logits [batch, outputs], of a sequence [batch, targets, outputs], or raw numbers [batch, outputs]. `rowKeys` (int32 [batch]) drive dropout and are
   * null outside training. `updates` is given in training only: there the program puts the next values of parameters
   * that it keeps itself, such as moving averages.
   */
  forward(parameters: Record<string, Tensor>, x: Tensor, rowKeys: Tensor | null, updates?: Updates): Tensor;
  /**
   * In place of a loss of the outputs: one that compares the rows of a batch with one another, summed over it. y is the class
   * of each row.
   */
  batchLoss?(parameters: Record<string, Tensor>, x: Tensor, y: Tensor, counting: Counting): Tensor;
  /**
   * Added to the loss in training: compares the rows of a batch with one another, whose number is known there. y is the class
   * of each row.
   */
  batchTerm?(
    parameters: Record<string, Tensor>,
    batch: { x: Tensor; y: Tensor; rowKeys: Tensor | null },
    counting: Counting,
  ): Tensor;
  /** Whether outputs are sums of parameters times numbers: the mean of parameters then gives the mean of outputs. */
  isLinear?: true;
  /** Whether training needs row keys. */
  random: boolean;
  /** Multiply-adds of a forward pass per row, all steps of a sequence together; left out: the number of parameters. */
  work?: number;
  /** Of these, those of the largest part that is computed at once; left out: all. Threads help by its size. */
  workAtOnce?: number;
}

export interface Dimensions {
  task: Task;
  width: number;
  outputs: number;
  /** Target values per row; 1 when left out. */
  targets?: number;
  /** The column that each feature is of, from 0; left out: each is one of its own. */
  columns?: readonly number[];
  /** Of families that read ids: what they know of each group; left out: features are places in tables as large as the parameters say. */
  ids?: readonly IdEncoding[];
  /** Of families that go on from a trained network. */
  network?: NetworkFile;
}

export const OPTIMIZERS = ['sgd', 'momentum', 'nesterov', 'rmsprop', 'adagrad', 'adam', 'adamw'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

export const SCHEDULES = ['constant', 'step', 'cosine', 'oneCycle', 'plateau'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

/** How to train; shared by all families trained by gradient. Null: chosen from the number of rows. */
export interface TrainingParameters extends Partial<LossParameters> {
  optimizer: OptimizerName;
  learningRate: number;
  momentum: number;
  /** Of `adamw`: share of a penalized parameter that a step takes away, times the learning rate. */
  weightDecay: number;
  /** Longer gradients are cut to this Euclidean norm over all parameters; null: none is. */
  clipNorm: number | null;
  schedule: ScheduleName;
  /** Of the `step` schedule: multiply the rate by `stepFactor` every `stepEpochs`. */
  stepEpochs: number;
  /** Of `plateau`: multiply the rate by `stepFactor` when more epochs than this bring no better validation loss. */
  plateauEpochs: number;
  stepFactor: number;
  /** Epochs over which the rate rises linearly from zero. */
  warmupEpochs: number;
  l2: number;
  epochs: number | null;
  batchSize: number | null;
  /** Epochs without improvement on validation before stopping; 0 trains all epochs. */
  patience: number | null;
}

/** Every choice made: what null left open is decided from the number of rows. */
export type PlannedTraining = TrainingParameters & { epochs: number; batchSize: number; patience: number };
