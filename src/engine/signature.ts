/** Reads from a model file what it takes and gives: our own graphs by their card, imported ones by their shapes. */
import type { onnx } from 'onnx-proto';
import { decodeModel } from './onnx/encode';
import { CARD_KEY } from './serving-graph';
import { EngineError, type InputBatch, type InputField, type ModelCard, type OutputBatch } from './types';
import type { TensorData } from './runtime/ort';

export interface Signature {
  card: ModelCard | null;
  inputs: InputField[];
  labels: string[] | null;
  feeds(batch: InputBatch): Record<string, TensorData>;
  read(outputs: Record<string, TensorData>, rowCount: number): OutputBatch;
}

interface Value {
  name: string;
  /** TensorProto.DataType; 0 for a sequence or map. */
  type: number;
  /** 0 where symbolic. */
  dims: number[];
}

const FLOAT = 1;
const FEATURES_MAX = 10_000;

export function readSignature(bytes: Uint8Array): Signature {
  const { graph, card } = decode(bytes);
  const outputs = (graph.output ?? []).map(readValue);
  if (card) return cardSignature(card, outputs);
  const weights = new Set((graph.initializer ?? []).map(({ name }) => name));
  const inputs = (graph.input ?? []).map(readValue).filter(({ name }) => !weights.has(name));
  return matrixSignature(inputs, outputs);
}

function decode(bytes: Uint8Array): { graph: onnx.IGraphProto; card: ModelCard | null } {
  try {
    const { graph, metadataProps } = decodeModel(bytes);
    const text = metadataProps?.find(({ key }) => key === CARD_KEY)?.value;
    if (!graph?.output?.length) throw new Error('The file has no graph.');
    return { graph, card: text ? (JSON.parse(text) as ModelCard) : null };
  } catch {
    throw new EngineError('The file is no ONNX model.', 'model', 'Give the bytes of an .onnx file.');
  }
}

function readValue({ name, type }: onnx.IValueInfoProto): Value {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => Number(dimValue ?? 0));
  return { name: name!, type: type?.tensorType?.elemType ?? 0, dims };
}

/** One tensor [rows, 1] per column; outputs as serving-graph.ts declares them. */
function cardSignature(card: ModelCard, [prediction, probabilities]: Value[]): Signature {
  return {
    card,
    inputs: card.inputs,
    labels: card.labels,
    feeds: ({ rowCount, columns }) => {
      const feeds: Record<string, TensorData> = {};
      card.inputs.forEach(({ name, type }, i) => {
        feeds[name] = { type: type === 'number' ? 'float32' : 'string', dims: [rowCount, 1], data: columns[i] };
      });
      return feeds;
    },
    read: (outputs, rowCount) => ({
      rowCount,
      prediction: outputs[prediction.name].data as string[] | Float32Array,
      probabilities: probabilities ? (outputs[probabilities.name].data as Float32Array) : null,
    }),
  };
}

/** A file from elsewhere: one float matrix [rows, features] in; a float matrix of scores, or one number per row, out. */
function matrixSignature(inputs: Value[], outputs: Value[]): Signature {
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
    feeds: ({ rowCount, columns }) => ({
      [input.name]: {
        type: 'float32',
        dims: [rowCount, features],
        data: interleave(columns as Float32Array[], rowCount),
      },
    }),
    read: (results, rowCount) => readScores(results[scores.name].data as Float32Array, rowCount, labels),
  };
}

function numberField(name: string): InputField {
  return { name, type: 'number', minimum: null, maximum: null, levels: null, fill: null };
}

function interleave(columns: Float32Array[], rowCount: number): Float32Array {
  const matrix = new Float32Array(rowCount * columns.length);
  columns.forEach((column, c) => {
    for (let row = 0; row < rowCount; row++) matrix[row * columns.length + c] = column[row];
  });
  return matrix;
}

function readScores(scores: Float32Array, rowCount: number, labels: string[] | null): OutputBatch {
  if (labels === null) return { rowCount, prediction: scores, probabilities: null };
  const prediction = Array.from({ length: rowCount }, (_, row) => {
    const own = scores.subarray(row * labels.length, (row + 1) * labels.length);
    return labels[own.indexOf(Math.max(...own))];
  });
  return { rowCount, prediction, probabilities: scores };
}
