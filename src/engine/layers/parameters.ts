/** What is learnt of a layer, by name. */
import type { Tensor } from '@tensorflow/tfjs-core';

export interface ParameterSpec {
  name: string;
  shape: number[];
  /** Initial values are uniform in [start - limit, start + limit]; start is 0 when left out. */
  limit: number;
  start?: number;
  /** In place of both: the initial values themselves, in the order of the shape. */
  initial?: Float32Array;
  /** Whether the L2 penalty applies; biases go free. */
  penalized: boolean;
  /** Whether it has a row for each step, of which shorter sequences use the first. */
  perStep?: boolean;
}

const LIMITS = {
  /** Before rectifiers: He et al. 2015. */
  he: (inputs: number) => 6 / inputs,
  /** Before sigmoid, tanh and outputs: Glorot & Bengio 2010. */
  glorot: (inputs: number, outputs: number) => 6 / (inputs + outputs),
  /** Where nothing nonlinear follows: LeCun et al. 1998. */
  lecun: (inputs: number) => 3 / inputs,
};

export type Initializer = keyof typeof LIMITS;
export const INITIALIZERS = Object.keys(LIMITS) as [Initializer, ...Initializer[]];

/** Weights of this shape: inputs and outputs last, before them the places that a filter sees. */
export function kernelSpec(name: string, shape: number[], initializer: Initializer = 'he'): ParameterSpec {
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const [inputs, outputs] = shape.slice(-2);
  return { name, shape, limit: Math.sqrt(LIMITS[initializer](field * inputs, field * outputs)), penalized: true };
}

/** Next values of parameters that training keeps but no gradient moves, by name. */
export type Updates = Record<string, Tensor>;
