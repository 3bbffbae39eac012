/** Learning by gradient: steps of an optimizer over mini-batches, run by an executor. */
import { GRADIENT_STATE_VERSION } from '../families/training/gradient';
import type { PlannedTraining } from '../families/training/program';
import { sequenceLayout } from '../families/registry';
import type { Blocks, FitRequest, ModelTerms, Rows } from '../learning/fit';
import type { FeatureLearner, Learned, LearnRequest } from '../learning/learner';
import type { GraphBuilder } from '../onnx/graph';
import { labelsSteps, taskOf } from '../tasks/registry';
import { fitCalibration, type Calibration } from '../tasks/learning/calibration';
import type { TrainedOn } from '../types';
import { eachBlock, inBlocks } from '../learning/blocks';
import { inBuckets, raggedLayout, type Ragged } from './buckets';
import { chooseExecutor, type ExecutorOptions, type TrainingSize } from '../executors/choose';
import { Epochs } from './epochs';
import { appendForward, type Trained } from '../executors/forward';
import { trainingBytes } from './memory';
import { Predictor } from '../executors/predictor';
import { initialParameters, parameterCount, planStep } from './step';
import { Trainer, type TrainerRequest } from './trainer';
import { decodeState, encodeState, type TrainingState } from './training-state';

/** Bound to an executor; the default is ONNX Runtime on the best provider present. */
export const gradientLearner = (options: ExecutorOptions): FeatureLearner => ({
  stateVersion: GRADIENT_STATE_VERSION,
  fit: async (request, port) => {
    const prepared = prepare(request);
    const { plan, epochs } = prepared;
    const { executor, provider, reason } = await chooseExecutor(options, sizeOf(prepared));
    const runner = await executor.prepare(plan, epochs.batch);
    try {
      const fingerprint = fingerprintOf(request, prepared);
      const known = request.resume && decodeState(request.resume, fingerprint);
      if (request.resume && !known) port.startsAnew();
      const trainer = new Trainer(prepared, runner, port, (state) => encodeState(state, fingerprint));
      const state = await trainer.run(known ?? initialState(prepared));
      const trainedOn = { executor: executor.name, provider, reason, threads: runner.threads };
      return await learned(prepared, state, { request, threads: options.threads, trainedOn });
    } finally {
      await runner.release();
      options.devices?.giveBack();
    }
  },
});

const sizeOf = ({ plan, train, validation, epochs }: TrainerRequest): TrainingSize => ({
  parameterCount: parameterCount(plan.program),
  bytes: () => trainingBytes(plan, { train, validation, batch: epochs.batch }),
});

function prepare(request: LearnRequest): TrainerRequest {
  const { family, parameters, task, outputs, targets, columns, ids, network, seed } = request;
  const settings = parameters as unknown as PlannedTraining;
  const layout = raggedLayout(sequenceLayout(family, parameters), task);
  const both = [request.train, request.validation];
  const [train, validation] = both.map((rows) => arranged(rows, layout, settings.batchSize));
  const plan = planStep(family, settings, { task, width: train.width, outputs, targets, columns, ids, network });
  const epochs = new Epochs(train, settings.batchSize, seed);
  return { plan, settings, train, epochs, validation, seed, length: request.length };
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

/** A state of another request, or of what was another network before an upgrade, is not taken up. */
function fingerprintOf({ family, parameters, task, outputs, targets, seed }: LearnRequest, data: TrainerRequest) {
  const { train, validation, plan } = data;
  const network = plan.program.parameters.map(({ name, shape }) => [name, ...shape]);
  const rows = [train.groups, train.width, validation.rows];
  return JSON.stringify([family, parameters, task, outputs, targets, network, ...rows, seed]);
}

async function learned(
  { plan, train, epochs }: TrainerRequest,
  state: TrainingState,
  { request, threads, trainedOn }: { request: LearnRequest; threads: number; trainedOn: TrainedOn },
): Promise<Learned> {
  const parameters = state.best?.parameters ?? state.vectors[0];
  const { program, task, outputs, targets } = plan;
  const shape = labelsSteps(task) ? [targets!, outputs] : [outputs];
  const trained = { program, parameters, width: train.width };
  const calibration = plan.loss.margins ? await calibrate(request, { trained, shape, threads }) : null;
  const { answer } = taskOf(task).learning;
  const modelOf = (one: Trained): ReturnType<ModelTerms['mean']> => ({
    parameterCount: one.parameters.length,
    append: (graph, features) => appendForward(graph, features, one, (output) => answer(output, calibration)),
  });
  const epoch = state.best?.epoch ?? state.step / epochs.stepsPerEpoch;
  return {
    ...{ best: { epoch, loss: state.best?.loss ?? NaN }, length: epoch, executor: trainedOn },
    ...(program.isLinear && calibration === null && { terms: new LinearTerms(trained, modelOf) }),
    ...modelOf(trained),
  };
}

class LinearTerms implements ModelTerms {
  constructor(
    private readonly trained: Trained,
    private readonly modelOf: (trained: Trained) => ReturnType<ModelTerms['mean']>,
  ) {}

  mean(all: readonly ModelTerms[]): ReturnType<ModelTerms['mean']> {
    const lists = (all as readonly LinearTerms[]).map(({ trained }) => trained.parameters);
    const meanOf = (place: number) => lists.reduce((sum, values) => sum + values[place], 0) / lists.length;
    return this.modelOf({ ...this.trained, parameters: this.trained.parameters.map((_, i) => meanOf(i)) });
  }
}

/** On validation rows, as margins of rows trained on are too wide; on those only where there are no others. */
async function calibrate(
  { train, validation }: FitRequest<Rows>,
  { trained, shape, threads }: { trained: Trained; shape: number[]; threads: number },
): Promise<Calibration> {
  const blocks = inBlocks(validation.rows > 0 ? validation : train);
  const append = (graph: GraphBuilder, features: string) =>
    appendForward(graph, features, trained, (margins) => margins);
  const predictor = new Predictor({ append, width: trained.width, shape, threads });
  const margins = new Float32Array(blocks.rows * shape[0]);
  const classes = new Float32Array(blocks.rows);
  let at = 0;
  await eachBlock(blocks, async ({ x, y, rows }) => {
    margins.set(await predictor.predict(x, rows), at * shape[0]);
    classes.set(y, at);
    at += rows;
  });
  await predictor.release();
  return fitCalibration(margins, classes, shape[0]);
}
