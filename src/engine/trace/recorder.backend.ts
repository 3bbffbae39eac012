/** A TensorFlow.js backend whose kernels append ONNX nodes instead of computing. */
import * as tf from '@tensorflow/tfjs-core';
import type { ElementType, GraphBuilder } from '../onnx/graph';
import { fromLayout, layoutOf, toLayout } from './layout';
import type { Recording } from './recording';
import { isSymbolic, shapeValue, type DType } from './shapes';

export const RECORDER = 'recorder';

/** Tensors hold either values (constants, moved in from another backend) or the name of a graph value. */
interface Entry {
  values: tf.BackendValues | null;
  dtype: tf.DataType;
  shape: number[];
  references: number;
}

export class RecorderBackend extends tf.KernelBackend {
  private readonly data = new tf.DataStorage<Entry>(this, tf.engine());
  private current: Recording | null = null;

  get recording(): Recording {
    if (!this.current) throw new Error('The recorder backend computes nothing outside `record`.');
    return this.current;
  }

  /** Runs `body` appending to the recording; recordings do not nest. */
  during<T>(recording: Recording, body: () => T): T {
    if (this.current) throw new Error('A recording is already under way.');
    this.current = recording;
    try {
      return body();
    } finally {
      this.current = null;
    }
  }

  /** Appends what `body` records to a subgraph, which sees the values recorded so far. */
  within<T>(subgraph: GraphBuilder, body: () => T): T {
    const outer = this.recording;
    const { names, images, shared } = outer;
    // What the body computes has no name outside of it.
    const scope = { names: new Map(names), images: new Map(images), shared: new Map(shared) };
    this.current = { ...outer, ...scope, graph: subgraph };
    try {
      return body();
    } finally {
      this.current = outer;
    }
  }

  /** A tensor whose value is known only when the graph runs. */
  symbol(name: string, shape: number[], dtype: DType): tf.TensorInfo {
    const dataId = this.write(null, shape, dtype);
    this.recording.names.set(dataId, name);
    this.recording.graph.shapes.set(name, shape);
    return { dataId, shape, dtype };
  }

  /** An image in the layout of the graph; it is turned only if somebody asks for its name. */
  image(name: string, shape: number[], dtype: DType): tf.TensorInfo {
    const dataId = this.write(null, shape, dtype);
    this.recording.images.set(dataId, name);
    this.recording.graph.shapes.set(name, shape);
    return { dataId, shape, dtype };
  }

  /** Whether a tensor is at hand as an image. */
  isImage({ dataId }: { dataId: object }): boolean {
    return this.recording.images.has(dataId);
  }

  /** The graph value behind an image, in the layout of the graph. */
  imageOf(info: tf.TensorInfo): string {
    const { images } = this.recording;
    let name = images.get(info.dataId);
    if (name === undefined) {
      name = toLayout(this.recording, this.nameOf(info), info.shape, layoutOf(info.shape));
      images.set(info.dataId, name);
    }
    return name;
  }

  /** The graph value behind a tensor; a constant becomes an initializer on first use. */
  nameOf({ dataId }: { dataId: object }): string {
    const { names, graph, images } = this.recording;
    let name = names.get(dataId);
    const image = images.get(dataId);
    if (name === undefined && image !== undefined) {
      const { shape } = this.data.get(dataId);
      name = fromLayout(this.recording, image, shape, layoutOf(shape));
      names.set(dataId, name);
    } else if (name === undefined) {
      const { values, dtype, shape } = this.data.get(dataId);
      if (values === null) throw new Error('A tensor of an earlier recording was used.');
      name = shape.some(isSymbolic)
        ? this.expanded(values, dtype, shape)
        : graph.constant(dtype as ElementType, pack(dtype, values), shape);
      names.set(dataId, name);
    }
    return name;
  }

  /** A constant with the batch dimension, such as tf.zeros([batch, n]): of one value, as its size is not known. */
  private expanded(values: tf.BackendValues, dtype: tf.DataType, shape: number[]): string {
    const list = values as Float32Array;
    const [first] = list;
    if (!list.every((value) => value === first)) throw new Error('A constant over the batch must have one value.');
    const { graph } = this.recording;
    const scalar = graph.constant(dtype as ElementType, pack(dtype, list.slice(0, 1)), []);
    return graph.call('Expand', [scalar, shapeValue(this.recording, shape)]);
  }

  /** The values of a constant; null for a symbol. */
  valuesOf({ dataId }: { dataId: object }): tf.BackendValues | null {
    return this.data.get(dataId).values;
  }

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.data.set(dataId, { values, shape, dtype, references: 1 });
    return dataId;
  }

  // eslint-disable-next-line max-params -- the signature is TensorFlow.js's.
  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.data.set(dataId, { values, shape, dtype, references });
  }

  override readSync(dataId: object): tf.BackendValues {
    const { values } = this.data.get(dataId);
    if (values === null) throw new Error('A recorded tensor has no value yet: the program must not read it.');
    return values;
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: object): number {
    return this.data.has(dataId) ? this.data.get(dataId).references : 0;
  }

  override incRef(dataId: object): void {
    this.data.get(dataId).references++;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const entry = this.data.get(dataId);
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.data.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override memory() {
    return { unreliable: true, reasons: ['Recorded tensors hold no data.'] };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}
}

function pack(dtype: tf.DataType, values: tf.BackendValues) {
  const list = values as ArrayLike<number>;
  if (dtype === 'float32') return list instanceof Float32Array ? list : Float32Array.from(list);
  if (dtype === 'int32') return list instanceof Int32Array ? list : Int32Array.from(list);
  if (dtype === 'bool') return list instanceof Uint8Array ? list : Uint8Array.from(list);
  throw new Error(`The recorder has no ${dtype} tensors.`);
}
