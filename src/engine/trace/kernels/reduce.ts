/** Reductions, softmax and scans along axes. */
import { backend_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall, Legal, Lowering } from '../kernel';
import { isSymbolic, type DType } from '../shapes';

const REDUCTIONS: Record<string, [op: string, legal: Legal, result?: DType]> = {
  Sum: ['ReduceSum', 'fi'],
  Mean: ['ReduceMean', 'f', 'float32'],
  Max: ['ReduceMax', 'fi'],
  Min: ['ReduceMin', 'fi'],
  Prod: ['ReduceProd', 'fi'],
};

/** Sorted, non-negative axes of the call; Max and Min call them reductionIndices. */
function axesOf(k: KernelCall, shape: number[]): number[] {
  const axes = k.attr<number | number[]>('axis') ?? k.attr<number | number[]>('reductionIndices');
  return util.parseAxisParam(axes as number[], shape).sort((a, b) => a - b);
}

function reduced(k: KernelCall, shape: number[], axes: number[]): number[] {
  const [outer] = backend_util.computeOutAndReduceShapes(shape, axes);
  return k.attr<boolean>('keepDims') ? backend_util.expandShapeToKeepDim(outer, axes) : outer;
}

/** Column sums of a matrix of many rows, the gradient of every bias: a product with ones takes half the time or less. */
const ROWS_SUMMED_MIN = 64;

const sum: Lowering = (k) => {
  const general = reduction(...REDUCTIONS.Sum);
  const dimensions = k.shapeOf('x');
  const [rows, columns] = dimensions;
  if (dimensions.length !== 2 || axesOf(k, dimensions).join() !== '0') return general(k);
  if (rows < ROWS_SUMMED_MIN || isSymbolic(rows)) return general(k);
  const x = k.in('x');
  if (x.dtype !== 'float32') return general(k);
  const ones = k.emit('Expand', [k.constant(1, 'float32'), k.shape([1, rows])]);
  const name = k.emit('MatMul', [ones, x.name]);
  const shape = reduced(k, x.shape, [0]);
  return k.out(shape.length === 2 ? name : k.reshape(name, [columns]), shape, 'float32');
};

function reduction(op: string, legal: Legal, result?: DType): Lowering {
  return (k) => {
    if (k.isImage('x')) {
      const image = overPixels(k, op);
      if (image) return image;
    }
    const x = k.in('x');
    const axes = axesOf(k, x.shape);
    const dtype = result ?? (x.dtype === 'bool' ? 'int32' : x.dtype);
    const operand = { ...x, name: k.cast(x.name, x.dtype, dtype), dtype };
    const keepdims = k.attr<boolean>('keepDims') ? 1 : 0;
    const name = axes.length ? k.apply(op, [operand, axisValue(k, axes)], legal, { keepdims }) : operand.name;
    return k.out(name, reduced(k, x.shape, axes), dtype);
  };
}

/**
 * Reductions of images that leave the order of the other axes as it is: over the pixels, or over pixels and batch. The
 * latter in two stages where reduced axes lie on both sides of a kept one, as ONNX Runtime is slow at that.
 */
function overPixels(k: KernelCall, op: string): TensorInfo | null {
  const { name, shape, dtype } = k.image('x');
  const layout = k.layoutOf('x');
  const axes = axesOf(k, shape).join();
  if (dtype !== 'float32' || k.attr<boolean>('keepDims') || (axes !== '1,2' && axes !== '0,1,2')) return null;
  const over = (value: string, list: number[]) => k.emit(op, [value, k.constant(list, 'int64')], { keepdims: 0 });
  if (layout === 'batchLast') {
    const [channels, , , batch] = shape;
    if (axes === '0,1,2') return k.out(over(name, [1, 2, 3]), [channels], dtype);
    return k.out(k.emit('Transpose', [over(name, [1, 2])], { perm: [1, 0] }), [batch, channels], dtype);
  }
  const pixels = over(name, [2, 3]);
  if (axes === '1,2') return k.out(pixels, shape.slice(0, 2), dtype);
  return k.out(over(pixels, [0]), [shape[1]], dtype);
}

const axisValue = (k: KernelCall, axes: number[]) => ({
  name: k.constant(axes, 'int64'),
  shape: [axes.length],
  dtype: 'int32' as const,
});

/** All and any: the minimum and the maximum of 0 and 1. */
function logical(op: string): Lowering {
  return (k) => {
    const x = k.in('x');
    const axes = axesOf(k, x.shape);
    const keepdims = k.attr<boolean>('keepDims') ? 1 : 0;
    const name = k.emit(op, [k.cast(x.name, 'bool', 'int32'), k.constant(axes, 'int64')], { keepdims });
    return k.out(k.cast(name, 'int32', 'bool'), reduced(k, x.shape, axes), 'bool');
  };
}

function arg(op: string): Lowering {
  return (k) => {
    const x = k.in('x');
    const [axis] = util.parseAxisParam(k.attr<number>('axis'), x.shape);
    const name = k.emit(op, [k.cast(x.name, x.dtype, 'float32')], { axis, keepdims: 0 });
    return k.out(k.cast(name, 'other', 'int32'), x.shape.toSpliced(axis, 1), 'int32');
  };
}

function along(op: string, input: string, axisName: string): Lowering {
  return (k) => {
    const x = k.in(input);
    const axis = k.attr<number>(axisName);
    return k.out(k.emit(op, [x.name], { axis: axis < 0 ? axis + x.shape.length : axis }), x.shape, 'float32');
  };
}

export const REDUCE: Record<string, Lowering> = {
  ...Object.fromEntries(Object.entries(REDUCTIONS).map(([kernel, rule]) => [kernel, reduction(...rule)])),
  Sum: sum,
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: along('Softmax', 'logits', 'dim'),
  LogSoftmax: along('LogSoftmax', 'logits', 'axis'),
  Cumsum: (k) => {
    const x = k.in('x');
    const flags = { exclusive: k.attr('exclusive') ? 1 : 0, reverse: k.attr('reverse') ? 1 : 0 };
    const [axis] = util.parseAxisParam(k.attr<number>('axis'), x.shape);
    return k.out(k.emit('CumSum', [x.name, k.constant(axis, 'int64')], flags), x.shape, x.dtype);
  },
  TopK: (k) => {
    const x = k.in('x');
    const size = k.attr<number>('k');
    const [values, indices] = k.emitMany('TopK', [x.name, k.constant([size], 'int64')], { axis: -1, sorted: 1 }, 2);
    const shape = [...x.shape.slice(0, -1), size];
    return [k.out(values, shape, x.dtype), k.out(k.cast(indices, 'other', 'int32'), shape, 'int32')];
  },
};
