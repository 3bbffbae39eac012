/** Opens a model file and answers batches. One session per call of `openModel`; `predict` blocks its thread. */
import { verifyAssets } from './assets';
import { readSignature, type Signature } from './signature';
import { OrtSession } from '../executors/ort';
import { rowBlocks } from '../executors/row-blocks';
import {
  joinOutputs,
  type InputBatch,
  type InputField,
  type ModelCard,
  type NamedFile,
  type OutputBatch,
} from '../types';

export interface ServedModel {
  /** Null for an imported file that carries no card. */
  card: ModelCard | null;
  inputs: InputField[];
  /** Class labels in the order of the probabilities; null for regression. */
  labels: string[] | null;
  /** By their names. */
  assets: ReadonlyMap<string, Uint8Array>;
  /** Columns in the order of `inputs`: floats of either size for numbers (NaN missing), string[] for text ('' missing). */
  predict(batch: InputBatch): Promise<OutputBatch>;
  release(): Promise<void>;
}

export interface OpenOptions {
  threads?: number;
  /** Those of the manifest in the file. */
  assets?: readonly NamedFile[];
}

/**
 * Throws EngineError when the file is no ONNX model, has inputs or outputs this engine cannot feed, or names assets that
 * are missing or are others.
 */
export async function openModel(
  bytes: Uint8Array,
  { threads = 1, assets = [] }: OpenOptions = {},
): Promise<ServedModel> {
  const signature = readSignature(bytes);
  verifyAssets(signature.assets, assets);
  const session = await OrtSession.create(signature.bytes, { threads });
  const { card, inputs, labels } = signature;
  return {
    card,
    inputs,
    labels,
    assets: new Map(assets.map((asset) => [asset.name, asset.bytes])),
    predict: (batch) => predict(session, signature, batch),
    release: () => session.release(),
  };
}

async function predict(session: OrtSession, signature: Signature, batch: InputBatch): Promise<OutputBatch> {
  checkBatch(signature.inputs, batch);
  if (batch.rowCount <= signature.rowsPerRun) return predictRun(session, signature, batch);
  const parts: OutputBatch[] = [];
  for (const [start, end] of rowBlocks(batch.rowCount, signature.rowsPerRun)) {
    const columns = batch.columns.map((column) =>
      Array.isArray(column) ? column.slice(start, end) : column.subarray(start, end),
    );
    parts.push(await predictRun(session, signature, { rowCount: end - start, columns }));
  }
  return joinOutputs(parts);
}

async function predictRun(session: OrtSession, signature: Signature, batch: InputBatch): Promise<OutputBatch> {
  const outputs = await session.run(signature.feeds(batch), signature.outputs);
  return signature.read(outputs, batch.rowCount);
}

function checkBatch(inputs: InputField[], { rowCount, columns }: InputBatch): void {
  if (columns.length !== inputs.length) throw new Error(`${columns.length} columns for ${inputs.length} inputs.`);
  inputs.forEach(({ name, type }, i) => {
    const column = columns[i];
    if (column.length !== rowCount) throw new Error(`Input ${name} has ${column.length} values for ${rowCount} rows.`);
    if (Array.isArray(column) !== (type === 'category')) throw new Error(`Input ${name} takes ${type} values.`);
  });
}
