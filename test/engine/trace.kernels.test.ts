/** Every lowering against the reference executor (@tensorflow/tfjs-backend-cpu) on random inputs. */
import * as tf from '@tensorflow/tfjs-core';
import { LOWERINGS } from '../../src/engine/trace/record';
import { IMAGE_CASES, run, type Case } from './support/image.cases';
import { bool, expectRecorded, float, int, positive, scaled, type TensorValues } from './support/recorded';

const anyFloat = () => [scaled(3, 4, 5), float(1), scaled(3), scaled(2, 2, 1, 3)];
const unaryOf = (givens: TensorValues[]) => (kernel: string) =>
  givens.map((x): Case => [{ x }, (t) => run(kernel, { x: t.x })]);

/** Broadcast pairs: equal shapes, scalars, size-one axes on either side, rank differences. */
const pairs = (make: (...shape: number[]) => TensorValues): Record<string, TensorValues>[] => [
  { a: make(3, 4), b: make(3, 4) },
  { a: make(3, 4), b: make() },
  { a: make(), b: make(3, 4) },
  { a: make(3, 1), b: make(1, 4) },
  { a: make(2, 3, 4), b: make(4) },
  { a: make(1), b: make(2, 1, 3) },
];
const small = (...shape: number[]) => int(-4, 5, ...shape);
const nonZero = (...shape: number[]): TensorValues => {
  const x = int(1, 6, ...shape);
  x.values.forEach((v, i) => (x.values[i] = i % 2 ? -v : v));
  return x;
};
const binaryOf =
  (...makes: ((...shape: number[]) => TensorValues)[]) =>
  (kernel: string) =>
    makes.flatMap(pairs).map((givens): Case => [givens, (t) => run(kernel, { a: t.a, b: t.b })]);

const reductionOf =
  (attribute: string, ...makes: ((...shape: number[]) => TensorValues)[]) =>
  (kernel: string) =>
    makes.flatMap((make) =>
      [[0], [1], [0, 2], [0, 1, 2]].flatMap((axes) =>
        [false, true].map((keepDims): Case => [
          { x: make(3, 4, 2) },
          (t) => run(kernel, { x: t.x }, { [attribute]: axes, keepDims }),
        ]),
      ),
    );

const one = (givens: Case[0], program: Case[1]) => (): Case[] => [[givens, program]];
const several =
  (...cases: Case[]) =>
  (): Case[] =>
    cases;
/** The reference composes it; the kernel exists in the recorder only. */
const logSoftmax = (t: tf.NamedTensorMap) =>
  tf.getBackend() === 'cpu' ? tf.logSoftmax(t.x) : run('LogSoftmax', { logits: t.x }, { axis: -1 });

const x345 = () => ({ x: float(3, 4, 5) });

const general = unaryOf(anyFloat());
const signed = unaryOf([...anyFloat(), small(3, 4)]);
const open = unaryOf([float(3, 4), float(1)]);
const aboveOne = (): TensorValues => {
  const x = positive(3, 4);
  x.values.forEach((v, i) => (x.values[i] = v + 1));
  return x;
};
const special: TensorValues = {
  shape: [5],
  dtype: 'float32',
  values: Float32Array.of(NaN, Infinity, -Infinity, 0, 1.5),
};
const arithmetic = binaryOf(scaled.bind(null, 2), small);
const comparison = binaryOf(small, (...shape) => {
  const x = float(...shape);
  x.values.forEach((v, i) => (x.values[i] = Math.round(v * 2) / 2));
  return x;
});

const CASES: Record<string, (kernel: string) => Case[]> = {
  ...IMAGE_CASES,
  ...Object.fromEntries('Abs Neg Sign'.split(' ').map((kernel) => [kernel, signed])),
  ...Object.fromEntries(
    (
      'Atan Asinh Ceil Cos Cosh Erf Exp Floor Relu Round Sigmoid Sin Sinh Softplus Tan Tanh Elu Selu Relu6 Expm1 ' +
      'IsNan IsInf IsFinite Square'
    )
      .split(' ')
      .map((kernel) => [kernel, general]),
  ),
  ...Object.fromEntries('Acos Asin Atanh'.split(' ').map((kernel) => [kernel, open])),
  ...Object.fromEntries(
    'Log Log1p Rsqrt Sqrt Reciprocal'.split(' ').map((kernel) => [kernel, unaryOf([positive(3, 4), positive()])]),
  ),
  Acosh: unaryOf([aboveOne()]),
  Exp: unaryOf([float(3, 2), small(3, 4)]),
  IsNan: unaryOf([special]),
  IsInf: unaryOf([special]),
  IsFinite: unaryOf([special]),
  LogicalNot: unaryOf([bool(3, 4), bool()]),
  Identity: general,
  LeakyRelu: several([{ x: float(3, 4) }, (t) => run('LeakyRelu', t, { alpha: 0.3 })]),
  Step: several(
    [{ x: float(3, 4) }, (t) => run('Step', t, { alpha: 0 })],
    [
      { x: { shape: [3], dtype: 'float32', values: Float32Array.of(0, -0, 1e-37) } },
      (t) => run('Step', t, { alpha: 0 }),
    ],
    [{ x: float(3, 4) }, (t) => run('Step', t, { alpha: 0.2 })],
  ),
  ClipByValue: several(
    [{ x: scaled(3, 3, 4) }, (t) => tf.clipByValue(t.x, -1, 0.5)],
    [{ x: small(3, 4) }, (t) => tf.clipByValue(t.x, -1, 2)],
  ),
  ...Object.fromEntries(
    'Add Sub Multiply Maximum Minimum SquaredDifference'.split(' ').map((kernel) => [kernel, arithmetic]),
  ),
  RealDiv: binaryOf(positive),
  FloorDiv: binaryOf(nonZero),
  Mod: binaryOf(nonZero, positive),
  Pow: binaryOf(positive, (...shape) => int(0, 4, ...shape)),
  ...Object.fromEntries(
    'Equal NotEqual Greater GreaterEqual Less LessEqual'.split(' ').map((kernel) => [kernel, comparison]),
  ),
  LogicalAnd: binaryOf(bool),
  LogicalOr: binaryOf(bool),
  Prelu: one({ x: float(3, 4), alpha: float(4) }, (t) => run('Prelu', t)),
  AddN: several(
    [{ a: float(3, 4), b: float(3, 4), c: float(3, 4) }, (t) => tf.addN([t.a, t.b, t.c])],
    [{ a: small(3), b: small(3) }, (t) => tf.addN([t.a, t.b])],
  ),
  EluGrad: one({ dy: float(3, 4), y: float(3, 4) }, (t) => run('EluGrad', t)),
  Select: several(
    [{ c: bool(3, 4), a: float(3, 4), b: float(3, 4) }, (t) => tf.where(t.c as tf.Tensor<tf.Rank>, t.a, t.b)],
    [{ c: bool(3), a: small(3), b: small(3) }, (t) => tf.where(t.c, t.a, t.b)],
    [{ c: bool(3), a: bool(3), b: bool(3) }, (t) => tf.where(t.c, t.a, t.b)],
  ),
  Cast: several(
    [{ x: scaled(4, 3, 4) }, (t) => tf.cast(t.x, 'int32')],
    [{ x: small(3, 4) }, (t) => [tf.cast(t.x, 'float32'), tf.cast(t.x, 'bool')]],
    [{ x: bool(3, 4) }, (t) => [tf.cast(t.x, 'float32'), tf.cast(t.x, 'int32')]],
  ),
  Sum: (kernel) => [
    ...reductionOf('axis', float, small, bool)(kernel),
    // Many rows become a product with ones.
    ...[false, true].map((keepDims): Case => [{ x: float(100, 3) }, (t) => tf.sum(t.x, 0, keepDims)]),
    [{ x: float(100, 3) }, (t) => tf.sum(t.x, 1)],
  ],
  Mean: reductionOf('axis', float, small),
  Prod: reductionOf('axis', float),
  Max: reductionOf('reductionIndices', float, small),
  Min: reductionOf('axis', float, small),
  All: reductionOf('axis', bool),
  Any: reductionOf('axis', bool),
  ArgMax: several([x345(), (t) => tf.argMax(t.x, 1)], [{ x: small(3, 4) }, (t) => tf.argMax(t.x, -1)]),
  ArgMin: several([x345(), (t) => tf.argMin(t.x, 0)]),
  Softmax: several([{ x: scaled(5, 3, 4) }, (t) => tf.softmax(t.x)]),
  LogSoftmax: several([{ x: scaled(5, 3, 4) }, logSoftmax]),
  Cumsum: several(
    [x345(), (t) => tf.cumsum(t.x, 1)],
    [x345(), (t) => tf.cumsum(t.x, 2, true, true)],
    [{ x: small(4) }, (t) => tf.cumsum(t.x)],
  ),
  TopK: one({ x: float(3, 6) }, (t) => Object.values(tf.topk(t.x, 2))),
  BatchMatMul: several(
    ...[false, true].flatMap((p) =>
      [false, true].flatMap((q): Case[] => [
        [{ a: p ? float(4, 3) : float(3, 4), b: q ? float(5, 4) : float(4, 5) }, (t) => tf.matMul(t.a, t.b, p, q)],
        [
          { a: p ? float(2, 4, 3) : float(2, 3, 4), b: q ? float(1, 5, 4) : float(1, 4, 5) },
          (t) => tf.matMul(t.a, t.b, p, q),
        ],
      ]),
    ),
    [{ a: small(1, 3), b: small(3, 1) }, (t) => tf.matMul(t.a, t.b)],
  ),
  _FusedMatMul: several(
    ...(['linear', 'relu', 'elu', 'sigmoid', 'relu6'] as const).map((activation): Case => [
      { a: float(3, 4), b: float(4, 5), bias: float(5) },
      (t) => tf.fused.matMul({ a: t.a, b: t.b, bias: t.bias, activation }),
    ]),
    [{ a: float(3, 4), b: float(5, 4) }, (t) => tf.fused.matMul({ a: t.a, b: t.b, transposeB: true })],
    [
      { a: float(3, 4), b: float(4, 5) },
      (t) => tf.fused.matMul({ a: t.a, b: t.b, activation: 'leakyrelu', leakyreluAlpha: 0.3 }),
    ],
    [
      { a: float(3, 4), b: float(4, 5), w: float(5) },
      (t) => tf.fused.matMul({ a: t.a, b: t.b, activation: 'prelu', preluActivationWeights: t.w }),
    ],
  ),
  Reshape: several([x345(), (t) => tf.reshape(t.x, [5, -1])], [{ x: float(1) }, (t) => tf.reshape(t.x, [])]),
  ExpandDims: several([x345(), (t) => [tf.expandDims(t.x, 1), tf.expandDims(t.x, -1)]]),
  Transpose: several([x345(), (t) => tf.transpose(t.x, [2, 0, 1])], [{ x: small(2, 3) }, (t) => tf.transpose(t.x)]),
  Concat: several([{ a: float(2, 3), b: float(2, 1) }, (t) => tf.concat([t.a, t.b], 1)]),
  Slice: several([x345(), (t) => tf.slice(t.x, [1, 0, 2], [2, 4, 1])], [x345(), (t) => tf.slice(t.x, [1])]),
  StridedSlice: several(
    [x345(), (t) => tf.stridedSlice(t.x, [0, 1, 0], [3, 4, 5], [2, 1, 2])],
    [x345(), (t) => tf.stridedSlice(t.x, [2, 3, 4], [0, 0, 0], [-1, -2, -1])],
    [{ x: float(6) }, (t) => tf.stridedSlice(t.x, [5], [0], [-1], 0, 1)],
    [x345(), (t) => tf.stridedSlice(t.x, [1, 0, 0], [2, 4, 5], [1, 1, 1], 0, 0, 0, 0, 1)],
  ),
  SplitV: several([x345(), (t) => tf.split(t.x, [1, 3], 1)], [{ x: float(4, 2) }, (t) => tf.split(t.x, 2)]),
  Pack: several([{ a: float(2, 3), b: float(2, 3) }, (t) => tf.stack([t.a, t.b], 1)]),
  Unpack: several([x345(), (t) => tf.unstack(t.x, 1)]),
  GatherV2: several(
    [{ x: float(5, 3), i: int(0, 5, 4) }, (t) => tf.gather(t.x, t.i as tf.Tensor1D)],
    [{ x: float(5, 3), i: int(0, 3, 2, 2) }, (t) => tf.gather(t.x, t.i as tf.Tensor2D, 1)],
    [{ x: int(0, 9, 5), i: int(0, 5) }, (t) => tf.gather(t.x, t.i as tf.Tensor1D)],
  ),
  GatherNd: one({ x: float(4, 3, 2), i: int(0, 3, 5, 2) }, (t) => tf.gatherND(t.x, t.i)),
  UnsortedSegmentSum: several(
    ...[4, 500].map((segments): Case => [
      { x: float(60, 2, 3), i: int(0, 4, 60) },
      (t) => tf.unsortedSegmentSum(t.x, t.i as tf.Tensor1D, segments),
    ]),
  ),
  OneHot: several(
    [{ i: int(-1, 5, 6) }, (t) => tf.oneHot(t.i, 4)],
    [{ i: int(0, 4, 2, 3) }, (t) => tf.oneHot(t.i, 4, 0.9, 0.1, 'float32')],
  ),
  PadV2: several(
    [
      { x: float(2, 3) },
      (t) =>
        tf.pad(
          t.x,
          [
            [1, 0],
            [0, 2],
          ],
          0.5,
        ),
    ],
    [{ x: small(4) }, (t) => tf.pad(t.x, [[1, 1]])],
  ),
  Tile: several([{ x: float(2, 3) }, (t) => tf.tile(t.x, [2, 3])], [{ x: small(2) }, (t) => tf.tile(t.x, [3])]),
  BroadcastTo: one({ x: float(2, 1) }, (t) => tf.broadcastTo(t.x, [3, 2, 4])),
  Reverse: several([x345(), (t) => tf.reverse(t.x, [0, 2])]),
  Fill: several([{ x: float(2) }, () => [tf.fill([2, 3], 1.5), tf.fill([2], 3, 'int32')]]),
  ZerosLike: several([x345(), (t) => tf.zerosLike(t.x)], [{ x: small(3) }, (t) => tf.zerosLike(t.x)]),
  OnesLike: several([x345(), (t) => tf.onesLike(t.x)], [{ x: bool(3) }, (t) => tf.onesLike(t.x)]),
  Range: several([{ x: float(1) }, () => [tf.range(1, 7, 2), tf.range(5, 0, -2, 'int32')]]),
  LinSpace: several([{ x: float(1) }, () => tf.linspace(0, 1, 5)]),
};

test('every lowering has a case', () => {
  const untested = Object.keys(LOWERINGS).filter((kernel) => !(kernel in CASES));
  expect(untested).toEqual([]);
});

describe.each(Object.keys(CASES))('%s', (kernel) => {
  test.each(CASES[kernel](kernel).map((kernelCase, i) => [i, ...kernelCase] as const))(
    'case %i',
    async (_, givens, program) => {
      await expectRecorded(givens, program, 2e-5);
    },
  );
});
