/** Fits a family to encoded data: by its own learner, or by gradient. */
import { availableParallelism } from 'node:os';
import { findFamily, planParameters } from '../families/registry';
import type { Fit, FittedModel, FitRequest, LearnedRows, Predicting } from './fit';
import { gradientLearner } from '../gradient/gradient.learner';
import type { Learned, LearnerOf } from './learner';
import { labelsSteps } from '../tasks/registry';
import type { TrainedOn } from '../types';
import type { ExecutorOptions } from '../executors/choose';
import { LearningSession } from './learning.session';
import { Predictor } from '../executors/predictor';

/** More threads than this lose more in waiting than they gain on tables. */
const THREADS_MAX = 4;

export interface FitOptions extends Partial<ExecutorOptions> {
  /** Least time between two checkpoints; the last one, at the end, is always made. */
  checkpointMs?: number;
}

/** A `Fit` bound to an executor, for learners that use one; the default is ONNX Runtime on the best provider present. */
export function createFit({ checkpointMs = 2000, ...options }: FitOptions = {}): Fit {
  const threads = options.threads ?? Math.min(THREADS_MAX, availableParallelism());
  const gradient = gradientLearner({ ...options, threads });
  return async (request, port) => {
    const { family, train } = request;
    const parameters = planParameters(family, request.parameters, train.rows);
    const { learner, trainedBy } = findFamily(family)!;
    const trained = trainedBy?.(parameters, request) ?? { learner, parameters };
    const planned = { ...request, parameters: trained.parameters as Record<string, unknown> };
    // Rows were prepared as the learner of their family reads them.
    const session = new LearningSession(port, { checkpointMs, threads });
    const learned = await ((trained.learner ?? gradient) as LearnerOf<LearnedRows>).fit(planned, session);
    return fittedModel(learned, planned, { threads, element: 'columns' in train ? 'float64' : 'float32' });
  };
}

export const fit: Fit = createFit();

const inJavaScript = (threads: number): TrainedOn => ({
  ...{ executor: 'reference', provider: 'cpu', threads },
  reason: 'The family has a learner of its own, which computes in plain JavaScript.',
});

function fittedModel(
  { best, chosen, threads: used = 1, executor = inJavaScript(used), judged, awaitsRefit = false, ...learned }: Learned,
  { parameters, task, targets, outputs, train: { width } }: FitRequest<LearnedRows>,
  { threads, element }: Pick<Predicting, 'threads' | 'element'>,
): FittedModel {
  const shape = labelsSteps(task) ? [targets!, outputs] : [outputs];
  const predicting = { width, shape, threads, element };
  const predictor = new Predictor({ append: judged ?? learned.append, ...predicting });
  return {
    ...{
      ...learned,
      parameters: { ...parameters, ...chosen },
      executor,
      isRefitted: judged !== undefined,
      awaitsRefit,
    },
    predicting,
    validationLoss: best?.loss ?? NaN,
    bestEpoch: best?.epoch ?? 0,
    predict: (x, rows) => predictor.predict(x, rows),
    release: () => predictor.release(),
  };
}
