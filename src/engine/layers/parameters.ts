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
}

/** Next values of parameters that training keeps but no gradient moves, by name. */
export type Updates = Record<string, Tensor>;
