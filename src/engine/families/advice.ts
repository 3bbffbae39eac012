/** Reasons for a family that several of them give. */
import { labelsSteps } from '../tasks/registry';
import type { Advice, DataProfile } from './family';

/** Fewer rows favour models with few parameters; more can feed a network. */
const ROWS_FOR_NETWORK = 500;

export const isSmall = ({ rows }: DataProfile): boolean => rows < ROWS_FOR_NETWORK;

export const sizeOf = ({ rows, columns }: DataProfile): string => `${rows} rows and ${columns} columns`;

/** Of families that read a row as steps: only targets that are steps tell that the columns are. */
export const forSteps =
  (rank: number) =>
  ({ task, targets }: DataProfile): Advice | null =>
    labelsSteps(task)
      ? { rank, reason: `Gives each of ${targets} steps a label, where the other columns are the same steps in order.` }
      : null;

/** Of a weighted sum of the features. */
export const forWeightedSum = (profile: DataProfile): Advice =>
  isSmall(profile)
    ? {
        rank: 2,
        reason: `With ${sizeOf(profile)}, a model with few parameters is the least likely to learn noise; its weights can be read.`,
      }
    : { rank: 1, reason: `The quickest on ${sizeOf(profile)} and easy to explain; misses curves and interactions.` };
