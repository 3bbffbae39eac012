/** Linear regression: least squares, lasso, counts and amounts exactly; other losses by gradient descent. */
import { z } from 'zod';
import { exactSums } from '../proposals';
import { AMOUNT_LOSSES } from '../../tasks/learning/loss-names';
import { NUMBER_TASKS } from '../../tasks/registry';
import { amountsLearnt } from '../../trees/boosting/scoring';
import { forWeightedSum } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { numberLossFields, tweediePower } from '../training/loss.schema';
import { linearProgram } from './linear-program';
import { l1Field, solvedExactly, solverFields, withSolver } from './solver.schema';

const EXACT_LOSSES = ['mse', ...AMOUNT_LOSSES];

const { loss, huberDelta, quantile } = numberLossFields;

const schema = z.strictObject({
  loss: z
    .enum([...loss.unwrap().options, ...AMOUNT_LOSSES])
    .default('mse')
    .describe(
      `${loss.description} poisson (counts) and tweedie (amounts, most of them 0) predict the mean of a target that is 0 or more: ` +
        'what a column does multiplies the answer.',
    ),
  huberDelta,
  quantile,
  tweediePower,
  l1: l1Field,
  ...solverFields,
});

export const linear = solvedExactly(
  defineGradientFamily({
    name: 'linear',
    title: 'Linear regression',
    description: 'A weighted sum of the features. Fast, and its weights can be read; misses curves and interactions.',
    data: 'table',
    tasks: NUMBER_TASKS,
    schema: withSolver(schema, EXACT_LOSSES) as never,
    searchSpace: { l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 } },
    amounts: (parameters) => amountsLearnt(parameters as never),
    advise: forWeightedSum,
    candidates: () => exactSums('linear'),
    program: (_, dimensions) => linearProgram(dimensions),
  }),
);
