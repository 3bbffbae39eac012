/** What a lowering sees of one kernel call, and how a table of lowerings becomes registered kernels. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../onnx/graph';
import { channelsFirst, channelsLast, moveChannels } from './layout';
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
  protected readonly recording: Recording;

  constructor(
    protected readonly backend: RecorderBackend,
    protected readonly inputs: tf.NamedTensorInfoMap | tf.TensorInfo[],
    protected readonly attributes: tf.NamedAttrMap,
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

  /** The second output of the node that made `name`, which it then has. */
  second(name: string): string {
    const { graph } = this.recording;
    const { outputs } = graph.nodes.find((node) => node.outputs[0] === name)!;
    return (outputs[1] ??= graph.unique(`${name}_second`));
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

  /** This input as an image, channels first: name and shape. */
  image(key: string): Value {
    const info = (this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo;
    return { name: this.backend.imageOf(info), shape: channelsFirst(info.shape), dtype: info.dtype as DType };
  }

  isImage(key: string): boolean {
    return this.backend.isImage((this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo);
  }

  /** The image of this name, channels first; `shape` is channels first too. */
  outImage(name: string, shape: readonly number[], dtype: DType = 'float32'): tf.TensorInfo {
    return this.backend.image(name, channelsLast(shape), dtype);
  }

  /** The same call with all values channels first, when one of them is such an image; itself when none is. */
  alongImages(): KernelCall {
    const infos = (Object.values(this.inputs) as (tf.TensorInfo | undefined)[]).filter((info) => info != null);
    const images = infos.some((info) => this.backend.isImage(info)) && infos.every(({ shape }) => shape.length <= 4);
    return images ? new ImageCall(this.backend, this.inputs, this.attributes) : this;
  }

  protected value(info: tf.TensorInfo): Value {
    return { name: this.backend.nameOf(info), shape: info.shape, dtype: info.dtype as DType };
  }
}

/** A call on values [batch, channels, height, width] that broadcast against each other; the result is such an image. */
class ImageCall extends KernelCall {
  override out(name: string, shape: readonly number[], dtype: DType): tf.TensorInfo {
    return this.outImage(name, shape, dtype);
  }

  protected override value(info: tf.TensorInfo): Value {
    const dtype = info.dtype as DType;
    const { shape } = info;
    if (shape.length === 4) return { name: this.backend.imageOf(info), shape: channelsFirst(shape), dtype };
    const name = this.backend.nameOf(info);
    if (shape.length === 0) return { name, shape, dtype };
    const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
    const moved = moveChannels(this.recording, this.reshape(name, padded), padded, 'first');
    return { name: moved, shape: channelsFirst(padded), dtype };
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
