/** Kernels that move elements without computing on them. */
import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type { KernelCall, Lowering, Value } from '../kernel';
import { isTurn } from '../layout';
import { isSymbolic, type DType } from '../shapes';

/** ONNX reads any end past the dimension as its end. */
const TO_THE_END = 2 ** 31 - 1;

const axisOf = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

function slice(k: KernelCall, x: Value, begin: number[], size: number[]): string {
  const axes = x.shape.map((_, i) => i).filter((i) => begin[i] !== 0 || size[i] !== x.shape[i]);
  if (axes.length === 0) return x.name;
  const ends = axes.map((i) => {
    if (begin[i] + size[i] === x.shape[i]) return TO_THE_END;
    if (isSymbolic(x.shape[i]) && isSymbolic(size[i])) throw new Error('Cannot cut a part of the batch.');
    return begin[i] + size[i];
  });
  const starts = axes.map((i) => begin[i]);
  return k.emit('Slice', [x.name, ...[starts, ends, axes].map((list) => k.constant(list, 'int64'))]);
}

const stridedSlice: Lowering = (k) => {
  const x = k.in('x');
  const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'].map((m) => k.attr<number>(m));
  const info = slice_util.sliceInfo(
    x.shape,
    k.attr<number[]>('begin'),
    k.attr<number[]>('end'),
    k.attr<number[]>('strides'),
    ...(masks as [number, number, number, number, number]),
  );
  // Going backwards, an end of -1 means "through element 0"; ONNX would count it from the end.
  const ends = info.end.map((end, i) => (info.strides[i] < 0 && end < 0 ? -TO_THE_END : end));
  const lists = [info.begin, ends, info.begin.map((_, i) => i), info.strides];
  const name = info.isIdentity ? x.name : k.emit('Slice', [x.name, ...lists.map((list) => k.constant(list, 'int64'))]);
  return k.out(k.reshape(name, info.finalShape), info.finalShape, x.dtype);
};

const gather: Lowering = (k) => {
  const [x, indices] = [k.in('x'), k.in('indices')];
  const axis = axisOf(k.attr<number>('axis'), x.shape.length);
  if (k.attr<number>('batchDims')) throw new Error('gather with batch dimensions is not recorded.');
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return k.out(k.emit('Gather', [x.name, indices.name], { axis }), shape, x.dtype);
};

/** Up to this many segments, a product with one-hot columns is faster than adding row by row. */
const ONE_HOT_SEGMENTS_MAX = 128;

/**
 * The gradient of gather: sums rows by segment. ScatterND with reduction `add` loses sums when it runs on several threads
 * (seen in ONNX Runtime 1.30); ScatterElements adds in order.
 */
const unsortedSegmentSum: Lowering = (k) => {
  const [x, ids] = [k.in('x'), k.in('segmentIds')];
  const [rows, ...rest] = x.shape;
  const [segments, width] = [k.attr<number>('numSegments'), util.sizeFromShape(rest)];
  const shape = [segments, ...rest];
  const matrix = k.reshape(x.name, [rows, width]);
  if (x.dtype === 'float32' && segments <= ONE_HOT_SEGMENTS_MAX) {
    const column = k.constant([...Array(segments).keys()], 'int32', [segments, 1]);
    const hot = k.cast(k.emit('Equal', [k.reshape(ids.name, [1, rows]), column]), 'bool', 'float32');
    return k.out(k.reshape(k.emit('MatMul', [hot, matrix]), shape), shape, 'float32');
  }
  const places = k.emit('Expand', [k.reshape(ids.name, [rows, 1]), k.shape([rows, width])]);
  const zeros = k.emit('Expand', [k.constant(0, x.dtype), k.shape([segments, width])]);
  const sums = k.emit('ScatterElements', [zeros, places, matrix], { axis: 0, reduction: 'add' });
  return k.out(k.reshape(sums, shape), shape, x.dtype);
};

const oneHot: Lowering = (k) => {
  const indices = k.in('indices');
  const dtype = k.attr<DType | undefined>('dtype') ?? 'int32';
  const [depth, on, off] = [k.attr<number>('depth'), k.attr<number>('onValue'), k.attr<number>('offValue')];
  const places = k.emit('Cast', [indices.name], { to: 7 });
  // A negative index counts from the end in ONNX and means "none" in TensorFlow.js; depth is out of range in both.
  const safe = k.emit('Where', [k.emit('Less', [places, k.constant(0, 'int64')]), k.constant(depth, 'int64'), places]);
  const values = k.constant([off, on], 'float32');
  const name = k.emit('OneHot', [safe, k.constant(depth, 'int64'), values], { axis: -1 });
  return k.out(k.cast(name, 'float32', dtype), [...indices.shape, depth], dtype);
};

const pad: Lowering = (k) => {
  const x = k.in('x');
  const paddings = k.attr<[number, number][]>('paddings');
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const fill = k.constant(Number(k.attr<number>('constantValue')), x.dtype);
  const shape = x.shape.map((size, i) => size + paddings[i][0] + paddings[i][1]);
  return k.out(k.emit('Pad', [x.name, k.constant(pads, 'int64'), fill], { mode: 'constant' }), shape, x.dtype);
};

const split: Lowering = (k) => {
  const x = k.in('x');
  const [axis] = util.parseAxisParam(k.attr<number>('axis'), x.shape);
  const sizes = backend_util.prepareSplitSize(
    { shape: x.shape } as Parameters<typeof backend_util.prepareSplitSize>[0],
    k.attr<number | number[]>('numOrSizeSplits'),
    axis,
  );
  if (sizes.length === 1) return [k.same('x')];
  const names = k.emitMany('Split', [x.name, k.constant(sizes, 'int64')], { axis }, sizes.length);
  return names.map((name, i) => k.out(name, x.shape.toSpliced(axis, 1, sizes[i]), x.dtype));
};

/** Filled with one value, whatever the shape. */
function filled(k: KernelCall, value: number, shape: number[], dtype: DType) {
  const scalar = k.constant(value, dtype);
  return k.out(shape.length ? k.emit('Expand', [scalar, k.shape(shape)]) : scalar, shape, dtype);
}

function reshaped(k: KernelCall, key: string, shape: number[]) {
  if (util.arraysEqual(k.shapeOf(key), shape)) return k.same(key);
  const x = k.in(key);
  return k.out(k.reshape(x.name, shape), shape, x.dtype);
}

/** Between channels first and last an image has its own ways. */
const transpose: Lowering = (k) => {
  const perm = k.attr<number[]>('perm');
  if (isTurn(perm, 'first') && k.isImage('x')) {
    const { name, shape, dtype } = k.image('x', 'channelsFirst');
    return k.out(name, shape, dtype);
  }
  const x = k.in('x');
  if (isTurn(perm, 'last')) return k.outImage(x.name, x.shape, 'channelsFirst', x.dtype);
  const shape = perm.map((i) => x.shape[i]);
  return k.out(k.emit('Transpose', [x.name], { perm }), shape, x.dtype);
};

export const SHAPE: Record<string, Lowering> = {
  Reshape: (k) => {
    const size = util.sizeFromShape(k.shapeOf('x'));
    return reshaped(k, 'x', util.inferFromImplicitShape(k.attr<number[]>('shape'), size));
  },
  ExpandDims: (k) => {
    const shape = k.shapeOf('input');
    return reshaped(k, 'input', shape.toSpliced(axisOf(k.attr<number>('dim'), shape.length + 1), 0, 1));
  },
  Transpose: transpose,
  Concat: (k) => {
    const values = k.all();
    const [axis] = util.parseAxisParam(k.attr<number>('axis'), values[0].shape);
    const shape = backend_util.computeOutShape(
      values.map((v) => v.shape),
      axis,
    );
    return k.out(
      k.emit(
        'Concat',
        values.map((v) => v.name),
        { axis },
      ),
      shape,
      values[0].dtype,
    );
  },
  Slice: (k) => {
    const x = k.in('x');
    const [begin, size] = slice_util.parseSliceParams(
      { shape: x.shape, rank: x.shape.length } as unknown as Parameters<typeof slice_util.parseSliceParams>[0],
      k.attr<number[]>('begin'),
      k.attr<number[]>('size'),
    );
    const name = slice(k, x, begin, size);
    return name === x.name ? k.same('x') : k.out(name, size, x.dtype);
  },
  StridedSlice: stridedSlice,
  SplitV: split,
  Pack: (k) => {
    const values = k.all();
    const [first] = values;
    const axis = axisOf(k.attr<number>('axis'), first.shape.length + 1);
    const shape = first.shape.toSpliced(axis, 0, 1);
    const parts = values.map((v) => k.reshape(v.name, shape));
    return k.out(k.emit('Concat', parts, { axis }), shape.toSpliced(axis, 1, values.length), first.dtype);
  },
  Unpack: (k) => {
    const x = k.in('value');
    const axis = axisOf(k.attr<number>('axis'), x.shape.length);
    return Array.from({ length: x.shape[axis] }, (_, i) => {
      const name = k.emit('Gather', [x.name, k.constant(i, 'int64')], { axis });
      return k.out(name, x.shape.toSpliced(axis, 1), x.dtype);
    });
  },
  GatherV2: gather,
  GatherNd: (k) => {
    const [x, indices] = [k.in('params'), k.in('indices')];
    const places = k.emit('Cast', [indices.name], { to: 7 });
    const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1))];
    return k.out(k.emit('GatherND', [x.name, places]), shape, x.dtype);
  },
  UnsortedSegmentSum: unsortedSegmentSum,
  OneHot: oneHot,
  PadV2: pad,
  Tile: (k) => {
    const x = k.in('x');
    const reps = k.attr<number[]>('reps');
    const shape = x.shape.map((size, i) => size * reps[i]);
    return k.out(k.emit('Tile', [x.name, k.shape(reps)]), shape, x.dtype);
  },
  BroadcastTo: (k) => {
    const x = k.in('x');
    const shape = k.attr<number[]>('shape');
    return k.out(k.emit('Expand', [x.name, k.shape(shape)]), shape, x.dtype);
  },
  Reverse: (k) => {
    const x = k.in('x');
    const axes = util.parseAxisParam(k.attr<number[]>('dims'), x.shape);
    const lists = [axes.map(() => -1), axes.map(() => -TO_THE_END), axes, axes.map(() => -1)];
    if (axes.length === 0) return k.same('x');
    return k.out(k.emit('Slice', [x.name, ...lists.map((l) => k.constant(l, 'int64'))]), x.shape, x.dtype);
  },
  Fill: (k) => {
    const value = k.attr<number>('value');
    return filled(k, Number(value), k.attr<number[]>('shape'), k.attr<DType | undefined>('dtype') ?? 'float32');
  },
  ZerosLike: (k) => filled(k, 0, k.in('x').shape, k.in('x').dtype),
  OnesLike: (k) => filled(k, 1, k.in('x').shape, k.in('x').dtype),
  Range: (k) => {
    const [start, stop, step] = ['start', 'stop', 'step'].map((name) => k.attr<number>(name));
    const dtype = k.attr<DType | undefined>('dtype') ?? 'float32';
    const length = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step));
    const values = Array.from({ length }, (_, i) => start + i * step);
    return k.out(k.constant(values, dtype, [length]), [length], dtype);
  },
  LinSpace: (k) => {
    const [start, stop, num] = ['start', 'stop', 'num'].map((name) => k.attr<number>(name));
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    return k.out(
      k.constant(
        Array.from({ length: num }, (_, i) => start + i * step),
        'float32',
      ),
      [num],
      'float32',
    );
  },
};
