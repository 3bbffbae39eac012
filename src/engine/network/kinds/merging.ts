/** Layers that join the outputs of several others. */
import * as tf from '@tensorflow/tfjs-core';
import { LayerFault, orderOver, type Built, type Builds } from '../built';

const needSeveral = (type: string, inputs: number[][]) => {
  if (inputs.length > 1) return;
  throw new LayerFault('from', `${type} joins the outputs of several layers`, 'Name at least two layers in from.');
};

/** Keras broadcasts sizes of one, as residual branches with pooled gates have them. */
function common(type: string, inputs: number[][]): number[] {
  needSeveral(type, inputs);
  return inputs.reduce((a, b) => {
    const fits = a.length === b.length && a.every((n, axis) => n === b[axis] || n === 1 || b[axis] === 1);
    if (fits) return a.map((n, axis) => Math.max(n, b[axis]));
    const shapes = inputs.map((shape) => `[${shape.join(', ')}]`).join(' and ');
    throw new LayerFault('from', `${type} takes outputs of one shape and gets ${shapes}`, 'Bring them to one shape.');
  });
}

const elementwise =
  (type: string, join: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, after = (y: tf.Tensor, _: number) => y) =>
  (_: unknown, inputs: number[][]): Built => ({
    ...{ shape: common(type, inputs), parameters: [], work: 0 },
    order: orderOfAll(inputs),
    apply: (tensors) => after(tensors.reduce(join), tensors.length),
  });

/** Sequences of one length go in any order; where one has a single step for all, rows tell them apart. */
const orderOfAll = (inputs: number[][]) =>
  inputs.every(([steps]) => steps === inputs[0][0]) ? orderOver(inputs[0]) : undefined;

function concatenated(wantedAxis: number, inputs: number[][]): Built {
  needSeveral('concatenate', inputs);
  const [first] = inputs;
  const axis = wantedAxis < 0 ? wantedAxis + first.length : wantedAxis - 1;
  const others = (shape: number[]) => shape.toSpliced(axis, 1).join();
  if (axis < 0 || axis >= first.length) {
    throw new LayerFault(
      'axis',
      `outputs of ${first.length} axes have no axis ${wantedAxis}`,
      'Use -1 for the last one.',
    );
  }
  if (inputs.some((shape) => shape.length !== first.length || others(shape) !== others(first))) {
    const shapes = inputs.map((shape) => `[${shape.join(', ')}]`).join(' and ');
    const hint = 'All sizes but those along the axis must be the same.';
    throw new LayerFault('from', `concatenate along axis ${wantedAxis} gets ${shapes}`, hint);
  }
  const length = inputs.reduce((sum, shape) => sum + shape[axis], 0);
  return {
    ...{ shape: first.toSpliced(axis, 1, length), parameters: [], work: 0 },
    order: axis === first.length - 1 ? orderOver(first) : undefined,
    apply: (tensors) => tf.concat(tensors, axis + 1 - (first.length + 1)),
  };
}

type Merging = 'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum' | 'concatenate';

export const MERGING: Builds<Merging> = {
  add: elementwise('add', tf.add),
  subtract: elementwise('subtract', tf.sub),
  multiply: elementwise('multiply', tf.mul),
  average: elementwise('average', tf.add, (sum, count) => tf.mul(sum, 1 / count)),
  maximum: elementwise('maximum', tf.maximum),
  minimum: elementwise('minimum', tf.minimum),
  concatenate: ({ axis }, inputs) => concatenated(axis, inputs),
};
