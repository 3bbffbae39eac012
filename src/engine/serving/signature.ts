/** Reads from a model file what it takes and gives: our own graphs by their card, imported ones by their shapes. */
import { onnx } from 'onnx-proto';
import { ASSETS_KEY } from './assets';
import { decodeModel } from '../onnx/encode';
import { fuseInputs, type InputGroup } from '../onnx/fuse-inputs';
import { giveUpTexts, textsAt, type TextOutput } from '../onnx/text-outputs';
import { CARD_KEY, ROWS_KEY } from './serving-graph';
import {
  EngineError,
  outputCount,
  outputOf,
  type AssetEntry,
  type InputBatch,
  type InputField,
  type ModelCard,
  type Numbers,
  type OutputBatch,
} from '../types';
import type { TensorData } from '../executors/ort';

export interface Signature {
  /** The model to load: for our own graphs with joined inputs, otherwise the bytes given. */
  bytes: Uint8Array;
  card: ModelCard | null;
  inputs: InputField[];
  labels: string[] | null;
  assets: AssetEntry[];
  /** At most; bounds the memory of a run. */
  rowsPerRun: number;
  /** The outputs that `read` takes; a graph may have others. */
  outputs: string[];
  feeds(batch: InputBatch): Record<string, TensorData>;
  read(outputs: Record<string, TensorData>, rowCount: number): OutputBatch;
}

type Described = Omit<Signature, 'bytes' | keyof Decoded['metadata']>;

interface Decoded {
  model: onnx.ModelProto;
  card: ModelCard | null;
  /** What stands beside the card. */
  metadata: Pick<Signature, 'assets' | 'rowsPerRun'>;
}

interface Value {
  name: string;
  /** TensorProto.DataType; 0 for a sequence or map. */
  type: number;
  /** 0 where symbolic. */
  dims: number[];
}

const FLOAT = 1;
const STRING = 8;
const DOUBLE = 11;
/** Of files that do not say. */
const ROWS_PER_RUN = 8192;
const FEATURES_MAX = 10_000;

export function readSignature(bytes: Uint8Array): Signature {
  const { model, card, metadata } = decode(bytes);
  const graph = model.graph!;
  const outputs = graph.output!.map(readValue);
  if (card) {
    const groups = fuseInputs(model);
    const texts = giveUpTexts(model);
    return {
      ...cardSignature(card, { groups, outputs, texts }),
      bytes: onnx.ModelProto.encode(model).finish(),
      ...metadata,
    };
  }
  const weights = new Set((graph.initializer ?? []).map(({ name }) => name));
  const inputs = (graph.input ?? []).map(readValue).filter(({ name }) => !weights.has(name));
  return { bytes, ...metadata, ...matrixSignature(inputs, outputs) };
}

function decode(bytes: Uint8Array): Decoded {
  try {
    const model = decodeModel(bytes);
    const entry = (wanted: string) => model.metadataProps.find(({ key }) => key === wanted)?.value;
    const text = entry(CARD_KEY);
    if (!model.graph?.output?.length) throw new Error('The file has no graph.');
    const card = text ? (JSON.parse(text) as ModelCard) : null;
    const assets = JSON.parse((card && entry(ASSETS_KEY)) ?? '[]') as AssetEntry[];
    const rowsPerRun = Number((card && entry(ROWS_KEY)) ?? ROWS_PER_RUN);
    return { model, card, metadata: { assets, rowsPerRun } };
  } catch {
    throw new EngineError('The file is no ONNX model.', 'model', 'Give the bytes of an .onnx file.');
  }
}

function readValue({ name, type }: onnx.IValueInfoProto): Value {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => Number(dimValue ?? 0));
  return { name: name!, type: type?.tensorType?.elemType ?? 0, dims };
}

/** Outputs as serving-graph.ts declares them. */
function cardSignature(
  card: ModelCard,
  { groups, outputs: values, texts }: { groups: InputGroup[]; outputs: Value[]; texts: Map<string, TextOutput> },
): Described {
  // Of its own outputs, as a thread that serves knows no tasks from outside.
  const kind = values[0].type === STRING ? 'labels' : 'numbers';
  const outputs = values.slice(0, outputCount(kind)).map(({ name }) => name);
  const position = new Map(card.inputs.map(({ name }, i) => [name, i]));
  const feeders = groups.map(({ name, columns, type }) => ({
    ...{ name, type },
    columns: columns.map((column) => position.get(column)!),
  }));
  return {
    card,
    inputs: card.inputs,
    labels: card.labels,
    outputs: outputs.map((name) => texts.get(name)?.places ?? name),
    // An assignment to a column called __proto__ would make no property.
    feeds: (batch) =>
      Object.fromEntries(feeders.map(({ name, columns, type }) => [name, joinColumns(batch, columns, type)])),
    read: (results, rowCount) => {
      const lists = outputs.map((name) => {
        const text = texts.get(name);
        return text ? textsAt(text, results[text.places].data as BigInt64Array) : (results[name].data as Numbers);
      });
      return outputOf(kind, rowCount, lists);
    },
  };
}

/** The columns at these positions of the batch, side by side, as the file takes them: [rows, columns]. */
function joinColumns({ rowCount, columns }: InputBatch, positions: number[], type: number): TensorData {
  const parts = positions.map((i) => columns[i]);
  const dims = [rowCount, parts.length];
  const size = rowCount * parts.length;
  if (type === DOUBLE) return { type: 'float64', dims, data: interleave(parts, new Float64Array(size)) };
  if (type === FLOAT) return { type: 'float32', dims, data: interleave(parts, new Float32Array(size)) };
  return { type: 'string', dims, data: interleave(parts, new Array<string>(size)) };
}

/** A file from elsewhere: one float matrix [rows, features] in; a float matrix of scores, or one number per row, out. */
function matrixSignature(inputs: Value[], outputs: Value[]): Described {
  const [input] = inputs;
  const features = input?.dims[1] ?? 0;
  if (inputs.length !== 1 || input.type !== FLOAT || features < 1 || features > FEATURES_MAX) {
    throw new EngineError(
      'The model must take one float matrix [rows, features] with a fixed number of features.',
      'model.inputs',
      'Export it with a single two-dimensional float input.',
    );
  }
  const scores = outputs.find(({ type, dims }) => type === FLOAT && dims.length <= 2);
  if (!scores) {
    throw new EngineError(
      'The model has no float tensor among its outputs.',
      'model.outputs',
      'Export it with a tensor of probabilities (scikit-learn: zipmap=False).',
    );
  }
  const width = Math.max(1, scores.dims[1] ?? 1);
  const labels = width > 1 ? Array.from({ length: width }, (_, k) => String(k)) : null;
  return {
    card: null,
    inputs: Array.from({ length: features }, (_, i) => numberField(`x${i}`)),
    labels,
    outputs: [scores.name],
    feeds: (batch) => ({ [input.name]: joinColumns(batch, [...batch.columns.keys()], FLOAT) }),
    read: (results, rowCount) => readScores(results[scores.name].data as Float32Array, rowCount, labels),
  };
}

function numberField(name: string): InputField {
  return { name, type: 'number', minimum: null, maximum: null, levels: null, fill: null };
}

/** Fills `matrix`, row-major, from columns of its kind; four at a time, as the matrix is passed once for all of them. */
function interleave<T extends Numbers | string[]>(columns: (Numbers | string[])[], matrix: T): T {
  const width = columns.length;
  let first = 0;
  for (; first + 4 <= width; first += 4) {
    const [a, b, c, d] = columns.slice(first, first + 4);
    for (let at = first, row = 0; at < matrix.length; at += width, row++) {
      matrix[at] = a[row];
      matrix[at + 1] = b[row];
      matrix[at + 2] = c[row];
      matrix[at + 3] = d[row];
    }
  }
  for (; first < width; first++) {
    const column = columns[first];
    for (let at = first, row = 0; at < matrix.length; at += width, row++) matrix[at] = column[row];
  }
  return matrix;
}

function readScores(scores: Float32Array, rowCount: number, labels: string[] | null): OutputBatch {
  if (labels === null) return { kind: 'numbers', rowCount, prediction: scores };
  const prediction = Array.from({ length: rowCount }, (_, row) => {
    const rowScores = scores.subarray(row * labels.length, (row + 1) * labels.length);
    return labels[rowScores.indexOf(Math.max(...rowScores))];
  });
  return { kind: 'labels', rowCount, prediction, probabilities: scores };
}
