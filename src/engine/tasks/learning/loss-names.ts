/** What training can minimize, by name. Pure data. */

export const CLASS_LOSSES = ['crossEntropy', 'focal', 'hinge', 'squaredHinge'] as const;
export const NUMBER_LOSSES = [
  'mse',
  'mae',
  'huber',
  'quantile',
  'epsilonInsensitive',
  'squaredEpsilonInsensitive',
] as const;
/** Of counts and amounts, which are 0 or more: scores are logarithms of their means. */
export const AMOUNT_LOSSES = ['poisson', 'tweedie'] as const;
/** Of the order of rows within groups. */
export const RANKING_LOSSES = ['lambdarank'] as const;
/** Of pairs that belong together, against the other pairs of the batch. */
export const CONTRASTIVE_LOSSES = ['infoNce'] as const;
/** Cross-entropy, and rows of one class against the other rows of the batch. */
export const EMBEDDING_LOSSES = ['contrastive'] as const;
export type LossName =
  | (typeof AMOUNT_LOSSES)[number]
  | (typeof RANKING_LOSSES)[number]
  | (typeof CLASS_LOSSES)[number]
  | (typeof CONTRASTIVE_LOSSES)[number]
  | (typeof EMBEDDING_LOSSES)[number]
  | (typeof NUMBER_LOSSES)[number];

/** What training minimizes. A family has the fields that its losses need (families/loss.schema.ts). */
export interface LossParameters {
  /** Null: cross-entropy for classes, the mean squared error for numbers. */
  loss: LossName | null;
  labelSmoothing: number;
  focalGamma: number;
  huberDelta: number;
  quantile: number;
  epsilon: number;
}
