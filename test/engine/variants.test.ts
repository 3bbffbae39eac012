/**
 * The file of every family by itself: opened with plain ONNX Runtime and fed with one tensor [batch, 1] per raw column, it
 * gives the answers of the forward pass in training; and so, within bounds, does its file in each precision.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EventLog } from '../../src/engine/training/event-log';
import type { Fit } from '../../src/engine/learning/fit';
import { rowErrors } from '../../src/engine/training/evaluate';
import { prepare, rawBatch } from '../../src/engine/training/prepare/prepare';
import { fit } from '../../src/engine/learning/create-fit';
import { trainTable } from '../../src/engine/training/train';
import type { Numbers, Precision, TrainRequest, TrainResult } from '../../src/engine/types';
import { FAMILY_REQUESTS } from './support/family-requests';

const port = { emit: () => {}, checkpoint: () => {}, control: () => 'continue' as const };

/** Largest distance of a probability, or of a number in deviations of the target, that a precision may make. */
const BOUNDS: Record<Precision, number> = { float32: 1e-5, float16: 2e-3, int8: 0.05 };

interface Trained {
  result: TrainResult;
  /** Of the forward pass in training over the validation rows: probabilities, numbers in the unit of the target, or errors. */
  forward: Numbers;
  validation: Float64Array[];
  test: Float64Array[];
}

async function trainAndKeep(request: TrainRequest): Promise<Trained> {
  const { selection, inputs, parts, targetScales, validation } = await prepare(request, new EventLog(port, 0));
  let forward: Numbers = new Float64Array();
  const keeping: Fit = async (fitRequest, heard) => {
    const fitted = await fit(fitRequest, heard);
    const output = await fitted.predict(validation.x, validation.rows);
    const { mean, scale } = targetScales[0] ?? { mean: 0, scale: 1 };
    const anomaly = selection.target.task === 'anomaly';
    forward = anomaly
      ? Float32Array.from(rowErrors(output, validation))
      : Float64Array.from(output, (v) => v * scale + mean);
    return fitted;
  };
  const result = await trainTable(request, port, keeping);
  const raw = (rows: Uint32Array) => rawBatch(selection.features, inputs, rows) as Float64Array[];
  return { result, forward, validation: raw(parts.validation), test: raw(parts.test) };
}

/** Probabilities, or the predicted numbers; of anomaly the errors. */
async function answers(file: Uint8Array, names: string[], columns: Float64Array[]): Promise<Numbers> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  expect(session.inputNames).toEqual(names);
  const feeds = names.map((name, i) => [name, new Tensor('float64', columns[i], [columns[i].length, 1])] as const);
  const { probabilities, prediction } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return (probabilities ?? prediction).data as Numbers;
}

const largest = (a: Numbers, b: Numbers): number => Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

function deviation({ target, task, table }: TrainRequest): number {
  const column = table.columns.find(({ name }) => name === target);
  if (task !== 'regression' || column?.kind !== 'number') return 1;
  const mean = column.values.reduce((a, b) => a + b) / table.rowCount;
  return Math.sqrt(column.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / table.rowCount);
}

describe.each(FAMILY_REQUESTS)('%s', (_, request) => {
  let trained: Trained;
  let names: string[];
  beforeAll(async () => {
    trained = await trainAndKeep(request);
    names = trained.result.card.inputs.map(({ name }) => name);
  });

  test('its file answers raw columns as the forward pass in training does', async () => {
    const { result, forward, validation } = trained;
    expect(names).toEqual(request.table.columns.flatMap(({ name }) => (name === 'y' ? [] : [name])));
    const served = await answers(result.model, names, validation);
    expect(served).toHaveLength(forward.length);
    expect(largest(served, forward) / deviation(request)).toBeLessThan(BOUNDS.float32);
  });

  test('each variant answers within its bound, and says how far it is', async () => {
    const { result, test } = trained;
    const exact = await answers(result.model, names, test);
    expect(result.variants[0].model).toBe(result.model);
    for (const { precision, model, difference, latency, metrics } of result.variants) {
      const answered = await answers(model, names, test);
      expect(difference.largest).toBeCloseTo(largest(answered, exact), 5);
      expect(difference.largest / deviation(request)).toBeLessThan(BOUNDS[precision]);
      expect(difference.mean).toBeLessThanOrEqual(difference.largest);
      expect(Math.min(latency.rowMs, latency.batchMs)).toBeGreaterThan(0);
      const known = result.evaluation.metrics.map(({ name, value }) => [name, value]);
      expect(metrics.map(({ name, value, change }) => [name, value - change])).toEqual(
        known.map(([name, value]) => [name, expect.closeTo(value as number, 9)]),
      );
    }
  });

  test('halves and then integers make its file smaller, where it has weights of some size', () => {
    const { variants, card } = trained.result;
    const fewWeights = card.parameterCount < 256 && card.family !== 'svm';
    const precisions = fewWeights ? ['float32'] : ['float32', 'float16', 'int8'];
    expect(variants.map(({ precision }) => precision)).toEqual(precisions);
    const sizes = variants.map(({ model }) => model.length);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
  });
});
