/** Elementwise kernels: one line per operator, with the element types ONNX Runtime implements it for. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { KernelCall, Legal, Lowering, Value } from '../kernel';
import type { DType } from '../shapes';

/** Kernel: operator, legal element types, and the result type where it is not the input's. */
const UNARY: Record<string, [op: string, legal: Legal, result?: DType]> = {
  Abs: ['Abs', 'fi'],
  Acos: ['Acos', 'f', 'float32'],
  Acosh: ['Acosh', 'f', 'float32'],
  Asin: ['Asin', 'f', 'float32'],
  Asinh: ['Asinh', 'f', 'float32'],
  Atan: ['Atan', 'f', 'float32'],
  Atanh: ['Atanh', 'f', 'float32'],
  Ceil: ['Ceil', 'f'],
  Cos: ['Cos', 'f', 'float32'],
  Cosh: ['Cosh', 'f', 'float32'],
  Erf: ['Erf', 'f', 'float32'],
  Exp: ['Exp', 'f', 'float32'],
  Floor: ['Floor', 'f'],
  IsNan: ['IsNaN', 'f', 'bool'],
  IsInf: ['IsInf', 'f', 'bool'],
  Log: ['Log', 'f', 'float32'],
  LogicalNot: ['Not', 'b', 'bool'],
  Neg: ['Neg', 'fi'],
  Reciprocal: ['Reciprocal', 'f', 'float32'],
  Relu: ['Relu', 'f'],
  Round: ['Round', 'f'],
  Sigmoid: ['Sigmoid', 'f', 'float32'],
  Sign: ['Sign', 'fi'],
  Sin: ['Sin', 'f', 'float32'],
  Sinh: ['Sinh', 'f', 'float32'],
  Softplus: ['Softplus', 'f', 'float32'],
  Sqrt: ['Sqrt', 'f', 'float32'],
  Tan: ['Tan', 'f', 'float32'],
  Tanh: ['Tanh', 'f', 'float32'],
};

const BINARY: Record<string, [op: string, legal: Legal, result?: DType]> = {
  Add: ['Add', 'fi'],
  Sub: ['Sub', 'fi'],
  Multiply: ['Mul', 'fi'],
  RealDiv: ['Div', 'f', 'float32'],
  Maximum: ['Max', 'fi'],
  Minimum: ['Min', 'fi'],
  Pow: ['Pow', 'fi'],
  Prelu: ['PRelu', 'f'],
  Equal: ['Equal', 'fib', 'bool'],
  Greater: ['Greater', 'fi', 'bool'],
  GreaterEqual: ['GreaterOrEqual', 'fi', 'bool'],
  Less: ['Less', 'fi', 'bool'],
  LessEqual: ['LessOrEqual', 'fi', 'bool'],
  LogicalAnd: ['And', 'b', 'bool'],
  LogicalOr: ['Or', 'b', 'bool'],
};

/** `x` as float32, and scalars to write formulas with. */
function floats(k: KernelCall): { x: string; number: (value: number) => string; shape: number[] } {
  const { name, dtype, shape } = k.in('x');
  return { x: k.cast(name, dtype, 'float32'), number: (value) => k.constant(value, 'float32'), shape };
}

/** Kernels on one float32 input that ONNX writes with more than one operator. */
const FORMULAS: Record<string, (k: KernelCall, x: string, number: (value: number) => string) => string> = {
  Expm1: (k, x, n) => k.emit('Sub', [k.emit('Exp', [x]), n(1)]),
  Log1p: (k, x, n) => k.emit('Log', [k.emit('Add', [x, n(1)])]),
  Rsqrt: (k, x) => k.emit('Reciprocal', [k.emit('Sqrt', [x])]),
  Elu: (k, x) => k.emit('Elu', [x]),
  Selu: (k, x) => k.emit('Selu', [x]),
  LeakyRelu: (k, x) => k.emit('LeakyRelu', [x], { alpha: { float: k.attr<number>('alpha') } }),
  Relu6: (k, x, n) => k.emit('Clip', [x, n(0), n(6)]),
  ClipByValue: (k, x, n) => k.emit('Clip', [x, n(k.attr('clipValueMin')), n(k.attr('clipValueMax'))]),
  Step: (k, x, n) => {
    const alpha = k.attr<number | undefined>('alpha') ?? 0;
    // clip(2^127 x, 0, 1): one vectorized operator for every normal number, and the gradient of relu needs it.
    if (alpha === 0) return k.emit('HardSigmoid', [x], { alpha: { float: 2 ** 127 }, beta: { float: 0 } });
    return k.emit('Where', [k.emit('Greater', [x, n(0)]), n(1), n(alpha)]);
  },
};

function unary(op: string, legal: Legal, result?: DType): Lowering {
  return (k) => {
    const x = k.in('x');
    const name = k.apply(op, [x], legal);
    const dtype = result ?? x.dtype;
    return k.out(legal.includes(x.dtype[0]) || result ? name : k.cast(name, 'other', dtype), x.shape, dtype);
  };
}

export function broadcast(a: Value, b: Value): number[] {
  return backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

function binary(op: string, legal: Legal, result?: DType): Lowering {
  return (k) => {
    const [a, b] = operands(k);
    const name = k.apply(op, [a, b], legal);
    const dtype = result ?? a.dtype;
    return k.out(legal.includes(a.dtype[0]) || result ? name : k.cast(name, 'other', dtype), broadcast(a, b), dtype);
  };
}

/** Prelu alone names its inputs otherwise. */
const operands = (k: KernelCall): [Value, Value] =>
  k.has('alpha') ? [k.in('x'), k.in('alpha')] : [k.in('a'), k.in('b')];

function formula(write: (typeof FORMULAS)[string]): Lowering {
  return (k) => {
    const { x, number, shape } = floats(k);
    const { dtype } = k.in('x');
    const keeps = k.attr('clipValueMin') !== undefined && dtype === 'int32';
    const name = write(k, x, number);
    return keeps ? k.out(k.cast(name, 'float32', 'int32'), shape, 'int32') : k.out(name, shape, 'float32');
  };
}

/** A factor of one is no node: gradients of losses start with it. */
const multiply: Lowering = (k) => {
  const general = binary(...BINARY.Multiply);
  const sizes = [k.in('a'), k.in('b')].map(({ shape }) => shape.length);
  if (sizes[1] === 0 && k.scalar('b') === 1) return k.same('a');
  if (sizes[0] === 0 && k.scalar('a') === 1) return k.same('b');
  return general(k);
};

/** Rounded towards minus infinity; integers go through float64, which holds every int32. */
const floorDiv: Lowering = (k) => {
  const [a, b] = operands(k);
  const [p, q] = [a, b].map((v) => k.emit('Cast', [v.name], { to: 11 }));
  const quotient = k.emit('Floor', [k.emit('Div', [p, q])]);
  return k.out(k.cast(quotient, 'other', a.dtype), broadcast(a, b), a.dtype);
};

/** The remainder has the sign of the divisor, as in Python. */
const mod: Lowering = (k) => {
  const [a, b] = operands(k);
  if (a.dtype === 'int32') return k.out(k.emit('Mod', [a.name, b.name]), broadcast(a, b), 'int32');
  const whole = k.emit('Floor', [k.emit('Div', [a.name, b.name])]);
  return k.out(k.emit('Sub', [a.name, k.emit('Mul', [whole, b.name])]), broadcast(a, b), 'float32');
};

const squaredDifference: Lowering = (k) => {
  const [a, b] = operands(k);
  const difference = k.emit('Sub', [a.name, b.name]);
  return k.out(k.emit('Mul', [difference, difference]), broadcast(a, b), a.dtype);
};

const select: Lowering = (k) => {
  const [{ name: mask }, t, e] = [k.in('condition'), k.in('t'), k.in('e')];
  if (t.dtype !== 'bool') return k.out(k.emit('Where', [mask, t.name, e.name]), t.shape, t.dtype);
  const [p, q] = [t, e].map((v) => k.cast(v.name, 'bool', 'int32'));
  return k.out(k.cast(k.emit('Where', [mask, p, q]), 'int32', 'bool'), t.shape, 'bool');
};

const TABLE: Record<string, Lowering> = {
  ...Object.fromEntries(Object.entries(UNARY).map(([kernel, rule]) => [kernel, unary(...rule)])),
  ...Object.fromEntries(Object.entries(BINARY).map(([kernel, rule]) => [kernel, binary(...rule)])),
  ...Object.fromEntries(Object.entries(FORMULAS).map(([kernel, write]) => [kernel, formula(write)])),
  Multiply: multiply,
  FloorDiv: floorDiv,
  Mod: mod,
  SquaredDifference: squaredDifference,
  Select: select,
  Square: (k) => {
    const x = k.in('x');
    return k.out(k.emit('Mul', [x.name, x.name]), x.shape, x.dtype);
  },
  NotEqual: (k) => {
    const [a, b] = operands(k);
    return k.out(k.emit('Not', [k.apply('Equal', [a, b], 'fib')]), broadcast(a, b), 'bool');
  },
  IsFinite: (k) => {
    const { x, shape } = floats(k);
    return k.out(k.emit('Not', [k.emit('Or', [k.emit('IsNaN', [x]), k.emit('IsInf', [x])])]), shape, 'bool');
  },
  AddN: (k) => {
    const values = k.all();
    const [{ shape, dtype }] = values;
    if (dtype === 'float32') return k.out(k.apply('Sum', values, 'f'), shape, dtype);
    const total = values.map((v) => v.name).reduce((sum, name) => k.emit('Add', [sum, name]));
    return k.out(total, shape, dtype);
  },
  EluGrad: (k) => {
    const [dy, y] = [k.in('dy'), k.in('y')];
    const slope = k.emit('Add', [k.emit('Min', [y.name, k.constant(0, 'float32')]), k.constant(1, 'float32')]);
    return k.out(k.emit('Mul', [dy.name, slope]), y.shape, 'float32');
  },
  Identity: (k) => k.same('x'),
  Cast: (k) => {
    const x = k.in('x');
    const dtype = k.attr<DType>('dtype');
    return x.dtype === dtype ? k.same('x') : k.out(k.cast(x.name, x.dtype, dtype), x.shape, dtype);
  },
};

/** None of these minds the order of the axes, so images stay channels first. */
export const ELEMENTWISE: Record<string, Lowering> = Object.fromEntries(
  Object.entries(TABLE).map(([kernel, lower]) => [kernel, (k) => lower(k.alongImages())]),
);
