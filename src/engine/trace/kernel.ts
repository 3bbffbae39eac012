/** What a lowering sees of one kernel call, and how a table of lowerings becomes registered kernels. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../onnx/graph';
import { channelsLast, laidOut, layoutOf, rollBatch, toLayout, type Layout } from './layout';
import { RECORDER, type RecorderBackend } from './recorder.backend';
import type { Recording } from './recording';
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
    readonly backend: RecorderBackend,
    readonly inputs: tf.NamedTensorInfoMap | tf.TensorInfo[],
    readonly attributes: tf.NamedAttrMap,
  ) {
    this.recording = backend.recording;
  }

  /** The input of this name, or at this place for kernels that take a list. */
  in(key: string | number): Value {
    return this.value((this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo);
  }

  /** The shape of an input, which `in` would also name: an image is turned for its name. */
  shapeOf(key: string | number): number[] {
    return ((this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo).shape;
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

  /** This input as an image in the layout of the graph or another one; the shape is that of the layout. */
  image(key: string, layout?: Layout): Value {
    const info = (this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo;
    const current = layoutOf(info.shape);
    const image = { name: this.backend.imageOf(info), shape: laidOut(info.shape, current), dtype: info.dtype as DType };
    if (layout === undefined || layout === current) return image;
    const name = rollBatch(this.recording, image.name, image.shape, layout);
    return { ...image, name, shape: laidOut(info.shape, layout) };
  }

  /** The layout of this input as an image. */
  layoutOf(key: string): Layout {
    return layoutOf(this.shapeOf(key));
  }

  isImage(key: string): boolean {
    return this.backend.isImage((this.inputs as tf.NamedTensorInfoMap)[key] as tf.TensorInfo);
  }

  /** The image of this name as the result; `shape` is that of the layout too. */
  outImage(name: string, shape: readonly number[], layout: Layout, dtype: DType = 'float32'): tf.TensorInfo {
    const last = channelsLast(shape, layout);
    const current = layoutOf(last);
    return this.backend.image(layout === current ? name : rollBatch(this.recording, name, shape, current), last, dtype);
  }

  /** A value that calls of the same key share; made by the first of them. */
  shared(key: string, make: () => string): string {
    const { shared } = this.recording;
    let name = shared.get(key);
    if (name === undefined) shared.set(key, (name = make()));
    return name;
  }

  /** The same call with all values in the layout of images, when one of them is an image; itself when none is. */
  alongImages(): KernelCall {
    const infos = (Object.values(this.inputs) as (tf.TensorInfo | undefined)[]).filter((info) => info != null);
    const image = infos.find((info) => this.backend.isImage(info));
    if (!image || infos.some(({ shape }) => shape.length > 4)) return this;
    return new ImageCall(this, layoutOf(image.shape));
  }

  protected value(info: tf.TensorInfo): Value {
    return { name: this.backend.nameOf(info), shape: info.shape, dtype: info.dtype as DType };
  }
}

/** A call on images of one layout, and values that broadcast against them; the result is such an image. */
class ImageCall extends KernelCall {
  constructor(
    { backend, inputs, attributes }: KernelCall,
    private readonly layout: Layout,
  ) {
    super(backend, inputs, attributes);
  }

  override out(name: string, shape: readonly number[], dtype: DType): tf.TensorInfo {
    return this.outImage(name, shape, this.layout, dtype);
  }

  protected override value(info: tf.TensorInfo): Value {
    const dtype = info.dtype as DType;
    const { shape } = info;
    const { layout } = this;
    if (shape.length === 0) return { name: this.backend.nameOf(info), shape, dtype };
    const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
    if (shape.length === 4 && layoutOf(shape) === layout) {
      return { name: this.backend.imageOf(info), shape: laidOut(shape, layout), dtype };
    }
    const name = this.backend.nameOf(info);
    const whole = shape.length === 4 ? name : this.reshape(name, padded);
    return { name: toLayout(this.recording, whole, padded, layout), shape: laidOut(padded, layout), dtype };
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
