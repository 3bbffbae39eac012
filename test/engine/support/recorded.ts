/** Runs one program twice: on the reference executor, and recorded, by ONNX Runtime. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { encodeModel } from '../../../src/engine/onnx/encode';
import { GraphBuilder, type ElementValues } from '../../../src/engine/onnx/graph';
import { OrtSession } from '../../../src/engine/executors/ort';
import { declared, record, type DType, type Tensors } from '../../../src/engine/trace/record';

export interface TensorValues {
  shape: number[];
  dtype: DType;
  values: Float32Array | Int32Array | Uint8Array;
}

export interface Result {
  shape: number[];
  dtype: string;
  values: number[];
}

/** Deterministic numbers in [-1, 1): the test's own generator (Lehmer), independent of the engine's. */
export function randomSource(seed: number): () => number {
  let state = (seed * 2654435761 + 1) % 2147483647 || 1;
  return () => (state = (state * 48271) % 2147483647) / 1073741823.5 - 1;
}

const random = randomSource(7);
const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

export const float = (...shape: number[]): TensorValues => scaled(1, ...shape);
export const scaled = (by: number, ...shape: number[]): TensorValues => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from({ length: size(shape) }, () => random() * by),
});
export const positive = (...shape: number[]): TensorValues => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from({ length: size(shape) }, () => 0.1 + Math.abs(random())),
});
/** Integers in [low, high). */
export const int = (low: number, high: number, ...shape: number[]): TensorValues => ({
  shape,
  dtype: 'int32',
  values: Int32Array.from({ length: size(shape) }, () => Math.floor(low + ((random() + 1) / 2) * (high - low))),
});
export const bool = (...shape: number[]): TensorValues => ({
  shape,
  dtype: 'bool',
  values: Uint8Array.from({ length: size(shape) }, () => (random() > 0 ? 1 : 0)),
});

type Program = (t: Tensors) => tf.Tensor | tf.Tensor[];

const named = (value: tf.Tensor | tf.Tensor[]) =>
  Object.fromEntries([value].flat().map((tensor, i) => [String(i), tensor as tf.Tensor]));

export function onReference(givens: Record<string, TensorValues>, program: Program): Result[] {
  void tf.setBackend('cpu');
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(givens).map(([key, { shape, dtype, values }]) => [key, tf.tensor(values, shape, dtype)]),
    );
    return Object.values(named(program(tensors))).map((t) => ({
      shape: t.shape,
      dtype: t.dtype,
      values: Array.from(t.dataSync()),
    }));
  });
}

/** `symbolic` gives the shapes the program is recorded with, where they differ from the data's (BATCH). */
export async function onGraph(
  givens: Record<string, TensorValues>,
  program: Program,
  symbolic: Record<string, number[]> = {},
): Promise<Result[]> {
  const graph = new GraphBuilder();
  const inputs = Object.fromEntries(
    Object.entries(givens).map(([name, { shape, dtype }]) => {
      const recorded = symbolic[name] ?? shape;
      graph.input(name, dtype, declared(recorded));
      return [name, { name, shape: recorded, dtype }];
    }),
  );
  const results = Object.values(record(graph, inputs, (t) => named(program(t))));
  const outputs = results.map(({ name, dtype, shape }) => {
    const output = graph.call('Identity', [name]);
    return graph.output(output, dtype, declared(shape));
  });
  const session = await OrtSession.create(encodeModel(graph));
  const feeds = Object.fromEntries(
    Object.entries(givens).map(([name, { shape, dtype, values }]) => [
      name,
      { type: dtype, dims: shape, data: values },
    ]),
  );
  const values = await session.run(feeds);
  await session.release();
  return outputs.map((name, i) => ({
    shape: [...values[name].dims],
    dtype: results[i].dtype,
    values: numbers(values[name].data),
  }));
}

const numbers = (values: ElementValues) => Array.from(values as ArrayLike<number>, Number);

export function expectSame(actual: Result[], expected: Result[], tolerance = 1e-5): void {
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  actual.forEach(({ values }, i) => {
    values.forEach((value, j) => {
      const wanted = expected[i].values[j];
      const close = Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * (1 + Math.abs(wanted));
      if (!close && !(value === wanted)) throw new Error(`Output ${i}, element ${j}: ${value}, expected ${wanted}.`);
    });
  });
}

/** The oracle check: both ways agree in type, shape and values. */
export async function expectRecorded(givens: Record<string, TensorValues>, program: Program, tolerance?: number) {
  expectSame(await onGraph(givens, program), onReference(givens, program), tolerance);
}
