/** One dense layer: the program of linear, logistic and softmax regression. */
import { affine } from '../../layers/dense';
import type { Dimensions, Program } from '../training/program';

/** Starts at zero, which for these convex problems is as good as anything. */
export function linearProgram({ width, outputs }: Dimensions): Program {
  return {
    parameters: [
      { name: 'kernel', shape: [width, outputs], limit: 0, penalized: true },
      { name: 'bias', shape: [outputs], limit: 0, penalized: false },
    ],
    forward: ({ kernel, bias }, x) => affine(x, kernel, bias),
    isLinear: true,
    random: false,
  };
}
