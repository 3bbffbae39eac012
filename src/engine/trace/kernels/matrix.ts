/** Matrix products. Two-dimensional ones with a transpose are one Gemm; ONNX Runtime itself fuses MatMul and Add. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { KernelCall, Lowering, Value } from '../kernel';

const swapLast = (shape: number[]) => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];

function transposed(k: KernelCall, value: Value): Value {
  const rank = value.shape.length;
  const perm = swapLast(Array.from({ length: rank }, (_, i) => i));
  return { ...value, name: k.emit('Transpose', [value.name], { perm }), shape: swapLast(value.shape) };
}

function product(k: KernelCall): Value {
  const [a, b] = [k.in('a'), k.in('b')];
  const [transA, transB] = [k.attr<boolean>('transposeA'), k.attr<boolean>('transposeB')];
  const [rows, columns] = [a.shape.at(transA ? -1 : -2)!, b.shape.at(transB ? -2 : -1)!];
  const outer = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...outer, rows, columns];
  if (a.shape.length === 2 && b.shape.length === 2 && (transA || transB) && a.dtype === 'float32') {
    const name = k.emit('Gemm', [a.name, b.name], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
    return { name, shape, dtype: a.dtype };
  }
  const [left, right] = [transA ? transposed(k, a) : a, transB ? transposed(k, b) : b];
  return { name: k.emit('MatMul', [left.name, right.name]), shape, dtype: a.dtype };
}

const ACTIVATIONS: Record<string, (k: KernelCall, x: string) => string> = {
  linear: (_, x) => x,
  relu: (k, x) => k.emit('Relu', [x]),
  elu: (k, x) => k.emit('Elu', [x]),
  sigmoid: (k, x) => k.emit('Sigmoid', [x]),
  relu6: (k, x) => k.emit('Clip', [x, k.constant(0, 'float32'), k.constant(6, 'float32')]),
  leakyrelu: (k, x) => k.emit('LeakyRelu', [x], { alpha: { float: k.attr<number>('leakyreluAlpha') } }),
  prelu: (k, x) => k.emit('PRelu', [x, k.in('preluActivationWeights').name]),
};

/** The activation that a fused kernel ends with. */
export const activated = (k: KernelCall, x: string) => ACTIVATIONS[k.attr<string>('activation')](k, x);

export const MATRIX: Record<string, Lowering> = {
  BatchMatMul: (k) => {
    const { name, shape, dtype } = product(k);
    return k.out(name, shape, dtype);
  },
  _FusedMatMul: (k) => {
    const { name, shape, dtype } = product(k);
    const sum = k.has('bias') ? k.emit('Add', [name, k.in('bias').name]) : name;
    return k.out(activated(k, sum), shape, dtype);
  },
};
