/** Logistic regression: softmax over the classes, two or more; cross-entropy exactly, other losses by gradient descent. */
import { z } from 'zod';
import { exactSums } from '../proposals';
import { CLASS_TASKS } from '../../tasks/registry';
import { forWeightedSum } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { classLossFields } from '../training/loss.schema';
import { classWeightField } from '../training/training.schema';
import { linearProgram } from './linear-program';
import { solvedExactly, solverFields, withSolver } from './solver.schema';

const EXACT_LOSSES = ['crossEntropy'];

const schema = z.strictObject({ ...classWeightField, ...classLossFields, ...solverFields });

export const logistic = solvedExactly(
  defineGradientFamily({
    name: 'logistic',
    title: 'Logistic regression',
    description:
      'A weighted sum of the features per class, turned into probabilities. A strong, well-calibrated baseline for tables.',
    data: 'table',
    tasks: CLASS_TASKS,
    schema: withSolver(schema as never, EXACT_LOSSES) as never,
    searchSpace: { l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 } },
    advise: forWeightedSum,
    candidates: () => exactSums('logistic'),
    program: (_, dimensions) => linearProgram(dimensions),
  }),
);
