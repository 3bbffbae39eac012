/** Parameters of weighted sums that are solved exactly or by gradient, as zod fields; and who solves them. */
import { z } from 'zod';
import type { Learner, Trained } from '../../learning/learner';
import { exactWork, isExactQuick, linearLearner, shapeOf, type ExactSettings } from '../../solvers/linear.learner';
import { AMOUNT_LOSSES } from '../../tasks/learning/loss-names';
import { EngineError, type Task } from '../../types';
import type { Cost, Family, TrainingSize } from '../family';
import type { TrainingParameters } from '../training/program';
import { trainingFields } from '../training/training.schema';

const SOLVERS = ['exact', 'gradient'] as const;
/** What the learner by gradient has by default. */
const GRADIENT_L2 = 1e-4;

export interface SolverParameters extends Omit<TrainingParameters, 'l2' | 'loss'> {
  solver: (typeof SOLVERS)[number] | null;
  refit: boolean;
  l1: number | null;
  l2: number | null;
  loss: string;
}

/** Of the solver by gradient. */
const { l2: gradientL2, ...stepFields } = trainingFields({
  ...{ optimizer: 'adam', learningRate: 0.03, schedule: 'cosine', l2: GRADIENT_L2 },
});

const asNumber = gradientL2.unwrap();

export const solverFields = {
  solver: z
    .enum(SOLVERS)
    .nullable()
    .default(null)
    .describe(
      'exact finds the one optimum: squared errors by normal equations (coordinate descent where l1 is above 0), other losses by ' +
        'quasi-Newton steps. gradient takes steps over batches of rows, as the parameters of networks say. null: exact, unless ' +
        'there are parameters or a loss of gradient, or too many rows and features.',
    ),
  refit: z
    .boolean()
    .default(true)
    .describe(
      'Of exact: fits once more, to the train and validation rows together, with the penalty that validation chose. ' +
        'Validation scores are those of the model before.',
    ),
  ...stepFields,
  l2: asNumber
    .nullable()
    .default(null)
    .describe(
      'Weight of the penalty: half of l2 times the sum of squared weights joins the mean loss; biases go free. null: chosen by ' +
        `the validation rows from a path of penalties (exact; gradient takes ${GRADIENT_L2}).`,
    ),
};

export const l1Field = asNumber
  .nullable()
  .default(null)
  .describe(
    'Of exact and mse: l1 times the sum of the sizes of weights joins the mean loss, and many weights become 0 (lasso; with l2 ' +
      'the elastic net). null: 0 where l2 is stated, otherwise chosen with it by the validation rows.',
  );

const isStated = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * Takes parameters of the solver by gradient as a choice of it, as all were before there was another.
 * @param exactLosses that can be solved exactly
 */
export function withSolver<S extends z.ZodType<SolverParameters>>(schema: S, exactLosses: readonly string[]) {
  const checked = schema.superRefine(({ solver, loss, l1 }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (solver === 'exact' && !exactLosses.includes(loss))
      refuse('solver', `exact solves ${exactLosses.join(', ')}; ${loss} is for gradient.`);
    if (solver !== 'gradient') return;
    if (isAmountLoss(loss)) refuse('solver', `${loss} is solved by exact alone.`);
    if (l1) refuse('l1', 'l1 is of the exact solver.');
  });
  return z.preprocess((parameters) => withChoice(parameters, exactLosses), checked);
}

const isAmountLoss = (loss: string): boolean => AMOUNT_LOSSES.some((name) => name === loss);

function withChoice(parameters: unknown, exactLosses: readonly string[]): unknown {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return parameters;
  const { solver, loss, labelSmoothing, ...others } = parameters as Record<string, unknown>;
  if (isStated(solver)) return parameters;
  const isByGradient =
    Object.keys(stepFields).some((name) => isStated(others[name])) ||
    Boolean(labelSmoothing) ||
    (typeof loss === 'string' && !exactLosses.includes(loss));
  return isByGradient ? { ...parameters, solver: 'gradient' } : parameters;
}

const exactOf = (parameters: SolverParameters): ExactSettings => {
  const l1 = parameters.l1 === undefined ? 0 : (parameters.l1 ?? (parameters.l2 === null ? null : 0));
  return { ...(parameters as unknown as ExactSettings), l1, l2: parameters.l2 };
};

/** Throws EngineError where the rows are too many for the exact solver that is asked for, or the only one. */
function chooseSolver<P extends SolverParameters>(
  parameters: P,
  request: Trained,
): { learner?: Learner; parameters: P } {
  const shape = shapeOf(request, exactOf(parameters));
  const mustBeExact = parameters.solver === 'exact' || isAmountLoss(parameters.loss) || Boolean(parameters.l1);
  const isExact = parameters.solver !== 'gradient' && (mustBeExact || isExactQuick(shape));
  if (!isExact) return { parameters: { ...parameters, solver: 'gradient', l2: parameters.l2 ?? GRADIENT_L2 } };
  if (exactWork(shape) === null)
    throw new EngineError(
      'The exact solver needs the encoded rows in memory for this loss, and they are too many.',
      'estimator.parameters.solver',
      'Use solver gradient with mse or crossEntropy, or fewer columns or bins (ENCODE); a larger PRAXIS_TRAINING_BYTES_MAX holds more.',
    );
  const { l1, l2 } = shape.settings;
  return {
    learner: linearLearner,
    parameters: { ...parameters, solver: 'exact', ...('l1' in parameters && { l1 }), l2 },
  };
}

const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;

function exactCost(parameters: SolverParameters, size: TrainingSize & { task: Task }): Cost | null {
  const { rows, width, outputs, task } = size;
  const shape = { task, outputs, rows, width, isInMemory: true, settings: exactOf(parameters) };
  if (parameters.solver !== 'exact' && !isExactQuick(shape)) return null;
  return {
    operations: exactWork(shape)!,
    bytes: FLOAT_BYTES * rows * (width + outputs) + 3 * DOUBLE_BYTES * (width ** 2 + rows * outputs),
  };
}

/** A family by gradient whose weights the exact solver finds as well. */
export function solvedExactly<P extends SolverParameters>(family: Family): Family {
  const byGradient = (parameters: P) => ({ ...parameters, l2: parameters.l2 ?? GRADIENT_L2 });
  const solved: Partial<Family<P>> = {
    trainedBy: chooseSolver,
    cost: (parameters, size) =>
      (parameters.solver === 'gradient' ? null : exactCost(parameters, size)) ??
      family.cost(byGradient(parameters), size),
  };
  return { ...family, ...(solved as unknown as Partial<Family>) };
}
