/** Fits a family to encoded data. */
import { availableParallelism } from 'node:os';
import type { PlannedTraining, Program } from '../families/program';
import { fillParameters, findFamily } from '../families/registry';
import type { Fit, FitRequest, FittedModel } from '../fit';
import type { TrainedOn } from '../types';
import { planBatches } from './batches';
import { chooseExecutor, type ExecutorOptions } from './choose';
import { createOptimizer } from './optimizers';
import { Predictor } from './predictor';
import { initialParameters, parameterCount, type StepPlan } from './step';
import { Trainer, type TrainerRequest } from './trainer';
import { decodeState, encodeState, type TrainingState } from './training-state';

/** More threads than this lose more in waiting than they gain on tables. */
const THREADS_MAX = 4;

export interface FitOptions extends Partial<ExecutorOptions> {
  /** Least time between two checkpoints; the last one, at the end, is always made. */
  checkpointMs?: number;
}

/** A `Fit` bound to an executor; the default is ONNX Runtime on the best provider present. */
export function createFit({ checkpointMs = 2000, ...options }: FitOptions = {}): Fit {
  const threads = options.threads ?? Math.min(THREADS_MAX, availableParallelism());
  return async (request, port) => {
    const prepared = prepare(request);
    const { plan, batches } = prepared;
    const { train, validation } = request;
    const count = parameterCount(plan.program);
    const { executor, provider, reason } = await chooseExecutor({ ...options, threads }, count);
    const runner = await executor.prepare(plan, { train, validation, batch: batches.batch });
    try {
      const fingerprint = fingerprintOf(request);
      const start = resumed(request, fingerprint) ?? initialState(plan, request.seed);
      const trainer = new Trainer(prepared, runner, port, {
        checkpointMs,
        encode: (state) => encodeState(state, fingerprint),
      });
      const state = await trainer.run(start);
      return fittedModel(prepared, state, threads, { provider, reason, threads: runner.threads });
    } finally {
      await runner.release();
    }
  };
}

export const fit: Fit = createFit();

function prepare({ family, parameters, task, outputs, train, validation, seed }: FitRequest): TrainerRequest {
  const settings = fillParameters(family, parameters, train.rows);
  const program: Program = findFamily(family)!.program(settings, { task, width: train.width, outputs });
  const optimizer = createOptimizer(settings.optimizer, settings);
  const plan: StepPlan = { program, optimizer, task, outputs, l2: settings.l2 };
  return { plan, settings, batches: planBatches(train.rows, settings.batchSize), train, validation, seed };
}

function initialState({ program, optimizer }: StepPlan, seed: number): TrainingState {
  const parameters = initialParameters(program, seed);
  const slots = Array.from({ length: optimizer.slots }, () => new Float32Array(parameters.length));
  return { step: 0, vectors: [parameters, ...slots], window: { sum: 0, steps: 0 }, best: null, finished: false };
}

/** A state of another request is not taken up: training then starts afresh. */
function resumed({ resume }: FitRequest, fingerprint: string): TrainingState | null {
  return resume && decodeState(resume, fingerprint);
}

function fingerprintOf({ family, parameters, task, outputs, train, validation, seed }: FitRequest): string {
  return JSON.stringify([family, parameters, task, outputs, train.rows, train.width, validation.rows, seed]);
}

function fittedModel(
  { plan, settings, train, batches }: TrainerRequest,
  state: TrainingState,
  threads: number,
  executor: TrainedOn,
): FittedModel {
  const parameters = state.best?.parameters ?? state.vectors[0];
  const predictor = new Predictor(plan, parameters, train.width, threads);
  return {
    parameterCount: parameters.length,
    parameters: { ...(settings as PlannedTraining) },
    validationLoss: state.best?.loss ?? NaN,
    bestEpoch: state.best?.epoch ?? state.step / batches.stepsPerEpoch,
    executor,
    predict: (x, rows) => predictor.predict(x, rows),
    append: (graph, features) => predictor.append(graph, features),
    release: () => predictor.release(),
  };
}
