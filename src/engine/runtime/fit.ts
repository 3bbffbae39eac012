/** Fits a family to encoded data. */
import { availableParallelism } from 'node:os';
import type { PlannedTraining } from '../families/program';
import { fillParameters, sequenceLayout } from '../families/registry';
import type { Blocks, Fit, FitRequest, FittedModel, Rows } from '../fit';
import { labelsSteps, taskOf } from '../tasks/registry';
import type { TrainedOn } from '../types';
import { eachBlock, inBlocks } from '../blocks';
import { inBuckets, raggedLayout, type Ragged } from './buckets';
import { fitCalibration, type Calibration } from '../tasks/learning/calibration';
import { chooseExecutor, type ExecutorOptions, type TrainingSize } from './choose';
import { Predictor, type Trained } from './predictor';
import { Epochs } from './epochs';
import { trainingBytes } from './memory';
import { initialParameters, parameterCount, planStep } from './step';
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
    const { plan, epochs } = prepared;
    const { executor, provider, reason } = await chooseExecutor({ ...options, threads }, sizeOf(prepared));
    const runner = await executor.prepare(plan, epochs.batch);
    try {
      const fingerprint = fingerprintOf(request, prepared);
      const start = resumed(request, fingerprint) ?? initialState(prepared);
      const trainer = new Trainer(prepared, runner, port, {
        checkpointMs,
        encode: (state) => encodeState(state, fingerprint),
      });
      const state = await trainer.run(start);
      const trainedOn = { executor: executor.name, provider, reason, threads: runner.threads };
      return await fittedModel(prepared, state, { request, threads, trainedOn });
    } finally {
      await runner.release();
      options.devices?.giveBack();
    }
  };
}

const sizeOf = ({ plan, train, validation, epochs }: TrainerRequest): TrainingSize => ({
  parameterCount: parameterCount(plan.program),
  bytes: () => trainingBytes(plan, { train, validation, batch: epochs.batch }),
});

export const fit: Fit = createFit();

function prepare(request: FitRequest<Rows>): TrainerRequest {
  const { family, parameters, task, outputs, targets, columns, ids, network, seed } = request;
  const settings = fillParameters(family, parameters, request.train.rows);
  const layout = raggedLayout(sequenceLayout(family, parameters), task);
  const both = [request.train, request.validation];
  const [train, validation] = both.map((rows) => arranged(rows, layout, settings.batchSize));
  const plan = planStep(family, settings, { task, width: train.width, outputs, targets, columns, ids, network });
  const epochs = new Epochs(train, settings.batchSize, seed);
  return { plan, settings, train, epochs, validation, seed };
}

/** Ragged sequences go by length; what comes in blocks stays as it is. */
function arranged(rows: Rows, layout: Ragged | null, batchSize: number): Blocks {
  if ('groups' in rows || !layout || rows.rows === 0) return inBlocks(rows);
  return inBuckets(rows, layout, batchSize);
}

function initialState({ plan: { program, optimizer }, settings, seed }: TrainerRequest): TrainingState {
  const parameters = initialParameters(program, seed);
  const rate = { base: settings.learningRate, factor: 1, waited: 0 };
  const slots = Array.from({ length: optimizer.slots }, () => new Float32Array(parameters.length));
  const window = { sum: 0, steps: 0 };
  return { step: 0, vectors: [parameters, ...slots], window, best: null, rate, finished: settings.epochs === 0 };
}

/** A state of another request, or of what was another network before an upgrade, is not taken up: training starts afresh. */
function resumed({ resume }: FitRequest<Rows>, fingerprint: string): TrainingState | null {
  return resume && decodeState(resume, fingerprint);
}

function fingerprintOf({ family, parameters, task, outputs, targets, seed }: FitRequest<Rows>, data: TrainerRequest) {
  const { train, validation, plan } = data;
  const network = plan.program.parameters.map(({ name, shape }) => [name, ...shape]);
  const rows = [train.groups, train.width, validation.rows];
  return JSON.stringify([family, parameters, task, outputs, targets, network, ...rows, seed]);
}

async function fittedModel(
  { plan, settings, train, epochs }: TrainerRequest,
  state: TrainingState,
  { request, threads, trainedOn }: { request: FitRequest<Rows>; threads: number; trainedOn: TrainedOn },
): Promise<FittedModel> {
  const parameters = state.best?.parameters ?? state.vectors[0];
  const { program, task, outputs, targets } = plan;
  const shape = labelsSteps(task) ? [targets!, outputs] : [outputs];
  const trained = { program, parameters, width: train.width, shape, threads };
  const calibration = plan.loss.margins ? await calibrate(request, trained) : null;
  const { answer } = taskOf(task).learning;
  const predictor = new Predictor({ ...trained, answer: (output) => answer(output, calibration) });
  return {
    parameterCount: parameters.length,
    parameters: { ...(settings as PlannedTraining) },
    validationLoss: state.best?.loss ?? NaN,
    bestEpoch: state.best?.epoch ?? state.step / epochs.stepsPerEpoch,
    executor: trainedOn,
    predict: (x, rows) => predictor.predict(x, rows),
    append: (graph, features) => predictor.append(graph, features),
    release: () => predictor.release(),
  };
}

/** On validation rows, as margins of rows trained on are too wide; on those only where there are no others. */
async function calibrate(
  { train, validation }: FitRequest<Rows>,
  trained: Omit<Trained, 'answer'>,
): Promise<Calibration> {
  const blocks = inBlocks(validation.rows > 0 ? validation : train);
  const predictor = new Predictor({ ...trained, answer: (margins) => margins });
  const margins = new Float32Array(blocks.rows * trained.shape[0]);
  const classes = new Float32Array(blocks.rows);
  let at = 0;
  await eachBlock(blocks, async ({ x, y, rows }) => {
    margins.set(await predictor.predict(x, rows), at * trained.shape[0]);
    classes.set(y, at);
    at += rows;
  });
  await predictor.release();
  return fitCalibration(margins, classes, trained.shape[0]);
}
