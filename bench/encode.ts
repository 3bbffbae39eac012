/**
 * Encoding a table for training: by the encoder in JavaScript, which training uses, and by the graph that serves, in ONNX Runtime
 * on one thread; best of three, in turn, on the same rows. The ratio says how many times as long the graph takes.
 *   npm run bench -- encode [--rows N] [--json]
 */
import { GraphColumns } from '../src/engine/columns/tensors';
import { OrtSession, type TensorData } from '../src/engine/executors/ort';
import { rowBlocks } from '../src/engine/executors/row-blocks';
import { encodeModel } from '../src/engine/onnx/encode';
import { GraphBuilder } from '../src/engine/onnx/graph';
import { encodeRows } from '../src/engine/preprocess/encode';
import { encodedWidth, type Encoding } from '../src/engine/preprocess/encoding';
import { fitPreprocess } from '../src/engine/preprocess/fit';
import { appendEncoding, declareInputs } from '../src/engine/preprocess/graph';
import { Random } from '../src/engine/random';
import { PREPROCESS_DEFAULTS } from '../src/engine/steps';
import type { Column, InputField } from '../src/engine/types';

const ROWS = 100_000;
const NUMBERS = 15;
const TEXTS = 5;
const LEVELS = 20;
const MISSING = 0.05;
const REPEATS = 3;
const ROWS_PER_RUN = 8192;

function makeColumns(rows: number): Column[] {
  const random = new Random(7);
  const uniform = () => random.uint32() / 2 ** 32;
  const isMissing = () => uniform() < MISSING;
  const numbers = Array.from({ length: NUMBERS }, (_, c): Column => {
    const values = Float64Array.from({ length: rows }, () => (isMissing() ? NaN : uniform() * 100));
    return { name: `n${c}`, kind: 'number', values };
  });
  const levels = Array.from({ length: LEVELS }, (_, level) => `level ${level}`);
  const texts = Array.from({ length: TEXTS }, (_, c): Column => {
    const codes = Int32Array.from({ length: rows }, () => (isMissing() ? -1 : random.below(LEVELS)));
    return { name: `t${c}`, kind: 'category', codes, levels };
  });
  return [...numbers, ...texts];
}

function openGraph(encoding: Encoding, inputs: InputField[]): Promise<OrtSession> {
  const graph = new GraphBuilder('encoding');
  declareInputs(graph, inputs);
  graph.output(appendEncoding(graph, encoding, GraphColumns.ofInputs(graph)), 'float32', [
    'batch',
    encodedWidth(encoding),
  ]);
  return OrtSession.create(encodeModel(graph), { threads: 1 });
}

function tensorOf(column: Column, from: number, to: number): TensorData {
  const dims = [to - from, 1];
  if (column.kind === 'number') return { type: 'float64', dims, data: column.values.subarray(from, to) };
  const data = Array.from(column.codes.subarray(from, to), (code) => column.levels[code] ?? '');
  return { type: 'string', dims, data };
}

async function runGraph(session: OrtSession, columns: Column[], rows: number): Promise<Float32Array[]> {
  const blocks: Float32Array[] = [];
  for (const [from, to] of rowBlocks(rows, ROWS_PER_RUN)) {
    const feeds = Object.fromEntries(columns.map((column) => [column.name, tensorOf(column, from, to)]));
    const [features] = Object.values(await session.run(feeds));
    blocks.push(features.data as Float32Array);
  }
  return blocks;
}

async function timed(act: () => unknown): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

/** Arguments as on the command line; the last line printed is the result as JSON. */
export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--rows');
  const rows = at < 0 ? ROWS : Number(args[at + 1]);
  const columns = makeColumns(rows);
  const all = new Uint32Array(rows).map((_, row) => row);
  const { encoding, inputs } = fitPreprocess(columns, all, PREPROCESS_DEFAULTS);
  const session = await openGraph(encoding, inputs);
  const best = { javascriptMs: Infinity, onnxMs: Infinity };
  for (let i = 0; i < REPEATS; i++) {
    best.javascriptMs = Math.min(best.javascriptMs, await timed(() => encodeRows(columns, all, encoding)));
    best.onnxMs = Math.min(best.onnxMs, await timed(() => runGraph(session, columns, rows)));
  }
  await session.release();
  const [javascriptMs, onnxMs] = [best.javascriptMs, best.onnxMs].map((ms) => Math.round(ms));
  const ratio = Number((best.onnxMs / best.javascriptMs).toFixed(2));
  const result = { rows, columns: columns.length, features: encodedWidth(encoding), javascriptMs, onnxMs, ratio };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
