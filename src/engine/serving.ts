/** Opens a model file and answers batches. One session per call of `openModel`; `predict` blocks its thread. */
import { readSignature, type Signature } from './signature';
import { OrtSession } from './runtime/ort';
import { rowBlocks } from './runtime/row-blocks';
import { joinOutputs, type InputBatch, type InputField, type ModelCard, type OutputBatch } from './types';

export interface ServedModel {
  /** Null for an imported file that carries no card. */
  card: ModelCard | null;
  inputs: InputField[];
  /** Class labels in the order of the probabilities; null for regression. */
  labels: string[] | null;
  /** Columns in the order of `inputs`: floats of either size for numbers (NaN missing), string[] for text ('' missing). */
  predict(batch: InputBatch): Promise<OutputBatch>;
  release(): Promise<void>;
}

/** Throws EngineError when the file is no ONNX model or has inputs or outputs this engine cannot feed. */
export async function openModel(bytes: Uint8Array, options: { threads?: number } = {}): Promise<ServedModel> {
  const signature = readSignature(bytes);
  const session = await OrtSession.create(signature.bytes, { threads: options.threads ?? 1 });
  const { card, inputs, labels } = signature;
  return {
    card,
    inputs,
    labels,
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
