/** What a lowering sees of one kernel call, and how a table of lowerings becomes registered kernels. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../onnx/graph';
import { RECORDER, type Recording, type RecorderBackend } from './recorder.backend';
import { reshapeTarget, shapeValue, type DType } from './shapes';

/** A graph value with the shape and type TensorFlow.js gives it. */
export interface Value {
  name: string;
  shape: number[];
  dtype: DType;
}

/** Element types an ONNX operator takes: f float32, i int32, b bool. */
export type Legal = 'f' | 'i' | 'b' | 'fi' | 'fb' | 'ib' | 'fib';

const ONNX_TYPES: Record<DType, number> = { float32: 1, int32: 6, bool: 9 };

export class KernelCall {
  private readonly recording: Recording;

  constructor(
    private readonly backend: RecorderBackend,
    private readonly inputs: tf.NamedTensorInfoMap | tf.TensorInfo[],
    private readonly attributes: tf.NamedAttrMap,
  ) {
    this.recording = backend.recording;
  }

  /** The input of this name, or at this place for kernels that take a list. */
  in(key: string | number): Value {
    return this.value((this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo);
  }

  has(key: string): boolean {
    return (this.inputs as tf.NamedTensorInfoMap)[key] != null;
  }

  all(): Value[] {
    return (this.inputs as tf.TensorInfo[]).map((info) => this.value(info));
  }

  /** The single value of a constant scalar input; null when it is no constant. */
  scalar(key: string): number | null {
    const info = (this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo;
    const values = info.shape.length === 0 ? this.backend.valuesOf(info) : null;
    return values === null ? null : Number(values[0]);
  }

  attr<T>(name: string): T {
    return this.attributes[name] as unknown as T;
  }

  emit(op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string {
    return this.recording.graph.call(op, inputs, attributes);
  }

  emitMany(op: string, inputs: string[], attributes: Record<string, Attribute>, outputs: number | string[]): string[] {
    return this.recording.graph.node(op, inputs, attributes, { outputs });
  }

  /** A constant of the given type; a number is a scalar. */
  constant(values: number | number[], dtype: DType | 'int64', dims?: number[]): string {
    const { graph } = this.recording;
    if (dtype === 'int64') return graph.int64s(values, dims);
    if (dtype === 'int32') return graph.int32s(values, dims);
    if (dtype === 'float32') return graph.floats(values, dims);
    const list = [values].flat();
    return graph.constant('bool', Uint8Array.from(list), dims ?? (Array.isArray(values) ? [list.length] : []));
  }

  cast(name: string, from: DType | 'other', to: DType): string {
    return from === to ? name : this.emit('Cast', [name], { to: ONNX_TYPES[to] });
  }

  /** Applies an operator where its table entry allows the element type, and through float32 where not. */
  apply(op: string, values: Value[], legal: Legal, attributes: Record<string, Attribute> = {}): string {
    const dtype = values[0].dtype;
    if (legal.includes(dtype[0])) return this.emit(op, namesOf(values), attributes);
    const middle: DType = legal.includes('f') ? 'float32' : 'int32';
    return this.emit(
      op,
      values.map((v) => this.cast(v.name, v.dtype, middle)),
      attributes,
    );
  }

  reshape(name: string, shape: readonly number[]): string {
    return this.emit('Reshape', [name, reshapeTarget(this.recording, shape)]);
  }

  /** Name of this shape as an int64 vector. */
  shape(shape: readonly number[]): string {
    return shapeValue(this.recording, shape);
  }

  out(name: string, shape: readonly number[], dtype: DType): tf.TensorInfo {
    return this.backend.symbol(name, [...shape], dtype);
  }

  /** The input itself as the result: no node. */
  same(key: string, shape?: number[]): tf.TensorInfo {
    const info = (this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo;
    this.backend.incRef(info.dataId);
    return { dataId: info.dataId, shape: shape ?? info.shape, dtype: info.dtype };
  }

  private value(info: tf.TensorInfo): Value {
    return { name: this.backend.nameOf(info), shape: info.shape, dtype: info.dtype as DType };
  }
}

export type Lowering = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

export const namesOf = (values: Value[]) => values.map((value) => value.name);

/** Registers each entry of a table as a kernel of the recorder backend. */
export function registerLowerings(table: Record<string, Lowering>): void {
  for (const [kernelName, lower] of Object.entries(table)) {
    tf.registerKernel({
      kernelName,
      backendName: RECORDER,
      kernelFunc: ({ inputs, backend, attrs }) =>
        lower(new KernelCall(backend as RecorderBackend, inputs as tf.NamedTensorInfoMap, attrs ?? {})),
    });
  }
}
