/** A layer at its place in a network: its shape, its parameters, and what it computes. */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec, Updates } from '../layers/parameters';
import type { StepMask } from '../layers/recurrent/step-mask';
import type { LayerOf, LayerType } from './layer.schema';
import type { Order } from './order';

export type Named = Record<string, tf.Tensor>;

/** What a forward pass hands to each layer. */
export interface Pass {
  parameters: Named;
  /** int32 [batch]; null outside training. */
  rowKeys: tf.Tensor | null;
  /** Given in training only, for what a layer keeps by itself. */
  updates?: Updates;
  /** Whether all ids of the rows are known; left out: they may not be. */
  knownIds?: boolean;
}

/** The same at one layer. */
export interface LayerPass extends Pass {
  /** In which the layer takes its inputs, and gives its output where this has steps. */
  order: Order;
  /** Which steps of its inputs count; null: all. A layer that masks puts its own here. */
  mask: StepMask | null;
}

/** A layer that knows the shapes it gets; shapes are without the batch. */
export interface Built {
  shape: number[];
  /** Named `role_place`. */
  parameters: ParameterSpec[];
  /** Of a layer of Keras whose weights are laid out otherwise there. */
  stored?: Stored;
  /** Multiply-adds per row. */
  work: number;
  /** Of a layer that computes step after step: the multiply-adds of one. */
  stepWork?: number;
  /** In which it takes sequences; left out: rows. */
  order?: 'steps' | 'any';
  /** The order of what it gives; left out: that which it takes. Rows: there are no steps any more. */
  gives?: Order;
  /** Whether it tells which steps count. */
  masks?: boolean;
  apply(inputs: tf.Tensor[], pass: LayerPass): tf.Tensor;
}

/** Weights in the order and layout of Keras. */
export interface Stored {
  parameters: ParameterSpec[];
  /** From these to `parameters` of the layer, by name. */
  read(values: Map<string, Float32Array>): Map<string, Float32Array>;
}

/**
 * `i` is the layer's place in the list; parameters are named by it. `stream` counts the layers before it that draw random
 * numbers.
 */
export type Build<T extends LayerType> = (layer: LayerOf<T>, inputs: number[][], i: number, stream: number) => Built;
export type Builds<T extends LayerType> = { [K in T]: Build<K> };

/** What is wrong with a layer at its place; `field` is empty for the layer as a whole. */
export class LayerFault extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

export const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

const NAMES = ['numbers', 'steps × channels', 'height × width × channels'];

/** The one shape that a layer gets, of this rank where one is named. */
export function only(type: string, inputs: number[][], rank?: number): number[] {
  if (inputs.length !== 1) {
    const hint = 'Join them by add or concatenate, or name one layer in from.';
    throw new LayerFault('from', `${type} takes one input and gets ${inputs.length}`, hint);
  }
  const [shape] = inputs;
  if (rank === undefined || shape.length === rank) return shape;
  throw new LayerFault(
    '',
    `${type} takes [${NAMES[rank - 1]}] per row and gets [${shape.join(', ')}]`,
    rank === 1 ? 'Put a flatten layer before it.' : 'Put a reshape layer before it.',
  );
}

export const free = (shape: number[], apply: (x: tf.Tensor, pass: LayerPass) => tf.Tensor): Built => ({
  ...{ shape, parameters: [], work: 0 },
  apply: ([x], pass) => apply(x, pass),
});

/** Of layers over the last axis, or over each number by itself: sequences of steps × channels come in any order. */
export const orderOver = (shape: number[]): Built['order'] => (shape.length === 2 ? 'any' : undefined);

/** A layer without parameters over the last axis, or over each number by itself. */
export const pointwise = (shape: number[], apply: (x: tf.Tensor, pass: LayerPass) => tf.Tensor): Built => ({
  ...free(shape, apply),
  order: orderOver(shape),
});

export function vectorSpec(name: string, units: number, start = 0): ParameterSpec {
  return { name, shape: [units], start, limit: 0, penalized: false };
}

export const withBatch = (x: tf.Tensor, shape: number[]) => tf.reshape(x, [x.shape[0]!, ...shape]);

/** One number for both axes, or one for each. */
export const both = (value: number | [number, number]): [number, number] =>
  typeof value === 'number' ? [value, value] : value;
