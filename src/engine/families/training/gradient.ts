/** Families that are trained by gradient: a differentiable program, and how long and by which steps to train it. */
import type { LossName } from '../../tasks/learning/loss-names';
import { EngineError, type Task } from '../../types';
import type { Cost, Family, TrainingSize } from '../family';
import type { Dimensions, PlannedTraining, Program, TrainingParameters } from './program';
import { planTraining } from './training.plan';

export interface GradientFamily<P = TrainingParameters> extends Family<P> {
  /** What a `loss` of null means; left out: cross-entropy, or the mean squared error. */
  defaultLoss?(task: Task): LossName;
  /** Throws EngineError for parameters that do not fit the data. */
  program(parameters: P, dimensions: Dimensions): Program;
  plan(parameters: P, rows: number): P & PlannedTraining;
}

/** A family whose parameters have the fields of training.schema.ts; its cost follows from its program. */
export function defineGradientFamily<P extends TrainingParameters>(
  family: Omit<GradientFamily<P>, 'cost' | 'plan' | 'learner'>,
): GradientFamily {
  const defined: GradientFamily<P> = {
    ...family,
    plan: (parameters, rows) => ({ ...parameters, ...planTraining(parameters, rows) }),
    cost: (parameters, size) =>
      costOf(planTraining(parameters, size.rows), size, () => family.program(parameters, size)),
  };
  return defined as unknown as GradientFamily;
}

/** Of what the learner by gradient stores to go on from; see gradient/training-state.ts. */
export const GRADIENT_STATE_VERSION = 4;

export const isGradientFamily = (family: Family): family is GradientFamily => 'program' in family;

/** Of each multiply-add: forward, gradient of the weights, gradient of the inputs. */
const OPERATIONS_PER_WORK = 6;
/** Gathering a row, and its share of a step of the optimizer. */
const OPERATIONS_PER_ROW = 4000;
/** Early stopping usually ends a training here. */
const EPOCHS_USUAL = 100;
const FLOAT_BYTES = 4;
/** Weights, their gradient, the best so far, and two slots of an optimizer. */
const COPIES = 5;

function costOf({ epochs }: PlannedTraining, size: TrainingSize, build: () => Program): Cost {
  const { work, parameters } = sizeOf(build, size);
  const visits = size.rows * Math.min(epochs, EPOCHS_USUAL);
  return {
    operations: visits * (OPERATIONS_PER_ROW + OPERATIONS_PER_WORK * work),
    bytes: FLOAT_BYTES * (size.rows * (size.width + (size.targets ?? 1)) + COPIES * parameters),
  };
}

/** Of a program that cannot be built from what is known yet: that of a network with a hidden layer of so many units. */
const UNITS_UNKNOWN = 128;

function sizeOf(build: () => Program, { width, outputs }: TrainingSize): { work: number; parameters: number } {
  try {
    const program = build();
    const parameters = parameterCount(program);
    return { work: program.work ?? parameters, parameters };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const parameters = UNITS_UNKNOWN * (width + outputs);
    return { work: parameters, parameters };
  }
}

export const parameterCount = ({ parameters }: Program): number =>
  parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
