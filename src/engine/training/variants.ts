/** The same model in each precision: its file, and what the precision changes. Why: docs/decisions/0008-model-variants.md. */
import { compressModel } from '../onnx/compress';
import { openModel, type ServedModel } from '../serving/serving';
import {
  comparedValues,
  joinOutputs,
  PRECISIONS,
  type InputBatch,
  type Latency,
  type ModelFiles,
  type MetricValue,
  type ModelVariant,
  type OutputBatch,
  type Precision,
} from '../types';

/** The rows that no training has seen. */
export interface HeldOut {
  /** In order. */
  batches(): AsyncIterable<InputBatch>;
  /** Scores what a model says of them. */
  metrics(output: OutputBatch): MetricValue[];
}

/** What clients often send at once. */
const BATCH_ROWS = 256;
/** Of each latency: as many runs as fit, within bounds. A median of five stands one that was disturbed. */
const BUDGET_MS = 4;
const RUNS_MIN = 5;
const RUNS_MAX = 200;

interface Measured {
  output: OutputBatch;
  metrics: MetricValue[];
  latency: Latency;
}

/**
 * First the file itself, then each smaller one; a precision in which the file would not be smaller is left out. `output`
 * is what the file itself says of the rows. Opens one session after the other, on this thread.
 */
export async function makeVariants(
  { model, assets }: ModelFiles,
  rows: HeldOut,
  precisions: readonly Precision[] = PRECISIONS,
): Promise<{ output: OutputBatch; variants: ModelVariant[] }> {
  const measureFile = (file: Uint8Array) => measure({ model: file, assets }, rows);
  const exact = await measureFile(model);
  const variants = [variant('float32', model, exact, exact)];
  for (const precision of precisions) {
    const file = precision === 'float32' ? model : compressModel(model, precision);
    if (file.length < model.length) variants.push(variant(precision, file, await measureFile(file), exact));
  }
  return { output: exact.output, variants };
}

function variant(precision: Precision, model: Uint8Array, measured: Measured, exact: Measured): ModelVariant {
  const { latency, output } = measured;
  const metrics = measured.metrics.flatMap(({ name, target, value }) => {
    const before = exact.metrics.find((metric) => metric.name === name && metric.target === target);
    return before ? [{ name, ...(target !== undefined && { target }), value, change: value - before.value }] : [];
  });
  return { ...{ precision, model, metrics, latency }, difference: differenceOf(output, exact.output) };
}

async function measure({ model, assets }: ModelFiles, { batches, metrics }: HeldOut): Promise<Measured> {
  const served = await openModel(model, { threads: 1, assets });
  try {
    const outputs: OutputBatch[] = [];
    let first: InputBatch | null = null;
    for await (const batch of batches()) {
      first ??= batch;
      outputs.push(await served.predict(batch));
    }
    const output = joinOutputs(outputs);
    return { output, metrics: metrics(output), latency: await latencyOf(served, first!) };
  } finally {
    await served.release();
  }
}

async function latencyOf(served: ServedModel, batch: InputBatch): Promise<Latency> {
  const median = (rows: number): Promise<number> => {
    const repeated = repeat(batch, rows);
    return medianMs(() => served.predict(repeated));
  };
  return { rowMs: await median(1), batchRows: BATCH_ROWS, batchMs: await median(BATCH_ROWS) };
}

/** The first rows, over again where there are fewer. */
function repeat({ rowCount, columns }: InputBatch, rows: number): InputBatch {
  const at = Array.from({ length: rows }, (_, row) => row % rowCount);
  const taken = columns.map((column) =>
    Array.isArray(column) ? at.map((row) => column[row]) : Float64Array.from(at, (row) => column[row]),
  );
  return { rowCount: rows, columns: taken };
}

async function medianMs(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let spent = 0; times.length < RUNS_MIN || (spent < BUDGET_MS && times.length < RUNS_MAX);) {
    const startMs = performance.now();
    await run();
    times.push(performance.now() - startMs);
    spent += times[times.length - 1];
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

function differenceOf(output: OutputBatch, exact: OutputBatch): { largest: number; mean: number } {
  const [values, expected] = [output, exact].map(comparedValues);
  let [largest, sum] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i] - expected[i]);
    sum += distance;
    if (distance > largest) largest = distance;
  }
  return { largest, mean: sum / values.length };
}
