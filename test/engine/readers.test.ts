/** The table of readers: a reader from outside, fitted, trained with in memory and in blocks, and served. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encodedBytes, registerReader } from '../../src/engine';
import { GraphColumns } from '../../src/engine/columns/tensors';
import { OrtSession, type TensorData } from '../../src/engine/executors/ort';
import { loadExtensions } from '../../src/engine/extensions';
import { linear } from '../../src/engine/families/linear/linear';
import { registerFamily } from '../../src/engine/families/registry';
import { eachBlock, inBlocks } from '../../src/engine/learning/blocks';
import type { Blocks, Rows } from '../../src/engine/learning/fit';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { columnsOfFeatures } from '../../src/engine/preprocess/encoding';
import { appendEncoding, declareInputs } from '../../src/engine/preprocess/graph';
import { readerOf } from '../../src/engine/readers/registry';
import { openModel, train } from '../../src/engine/run';
import { EventLog } from '../../src/engine/training/event-log';
import { refuseTooLarge } from '../../src/engine/training/prepare/fit-rows';
import { prepare, rawBatch } from '../../src/engine/training/prepare/prepare';
import type { TrainRequest } from '../../src/engine/types';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, pick, table } from './tables';

const N = 400;
const a = draw(N, 1, normal).map((value, i) => (i % 9 === 0 ? NaN : i % 7 === 0 ? 0 : value));
const b = draw(N, 2, normal);
const c = draw(N, 3, (random) => pick(random, ['u', 'v']));
const sign = (value: number) => Math.sign(value) || 0;
/** What the signs tell whole, and the sizes do not. */
const y = a.map((value, i) => 5 * sign(value) - 2 * sign(b[i]) + (c[i] === 'u' ? 1 : 0));

const request: TrainRequest = {
  ...{
    table: table({ a, b, c, y }),
    target: 'y',
    task: 'regression',
    drop: [],
    preprocess: DEFAULTS,
    seed: 3,
    resume: null,
  },
  split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: false },
  estimator: { family: 'signs', parameters: { epochs: 200 } },
};
const folder = mkdtempSync(join(tmpdir(), 'praxis-readers-'));
const { table: data, ...rest } = request;
const streaming = { ...rest, source: sourceOf(data), bytesMax: 4000, scratch: folder };
const log = () => new EventLog(recorder().port, 0);

let unload: () => void;
beforeAll(async () => (unload = await loadExtensions([resolve(__dirname, 'support/signs.extension.ts')])));
afterAll(() => {
  unload();
  expect(() => readerOf('signs')).toThrow('There is no reader signs.');
  rmSync(folder, { recursive: true, force: true });
});

async function rowsOf(rows: Rows): Promise<number[][]> {
  const read: number[][] = [];
  await eachBlock(inBlocks(rows), ({ rows: count, width, x }) => {
    for (let i = 0; i < count; i++) read.push([...x.subarray(i * width, (i + 1) * width)]);
  });
  return read;
}

test('its features are those of its own, in memory and in blocks', async () => {
  const memory = await prepare(request, log());
  const expected = [...memory.parts.validation].map((row) => [sign(a[row]), sign(b[row])]);
  const numbers = (rows: number[][]) => rows.map((row) => row.slice(-2));
  expect(numbers(await rowsOf(memory.validation))).toEqual(expected);
  const streamed = await prepare<Blocks>(streaming, log());
  expect(numbers(await rowsOf(streamed.validation))).toEqual(expected);
  expect(new Set((await rowsOf(streamed.train)).map(String))).toEqual(
    new Set((await rowsOf(memory.train)).map(String)),
  );
  expect(columnsOfFeatures(memory.encoding)).toEqual([0, 0, 1, 2]);
});

test('a table of which the sample is whole is passed over once, and once more to test', async () => {
  let scans = 0;
  const { source } = streaming;
  const counted = { ...source, scan: (names: string[]) => (scans++, source.scan(names)) };
  const prepared = await prepare<Blocks>({ ...streaming, source: counted }, log());
  expect(scans).toBe(1);
  for await (const { rowCount } of prepared.test()) expect(rowCount).toBeGreaterThan(0);
  expect(scans).toBe(2);
});

test('columns as they are have to be in memory', () => {
  const boosting = { ...streaming, estimator: { family: 'boosting', parameters: {} } };
  expect(() => refuseTooLarge(boosting)).toThrow(
    expect.objectContaining({
      path: 'estimator.family',
      message: expect.stringMatching(/boosting holds columns in memory: those of 400 rows/),
    }),
  );
});

test('a file computes them from raw columns, bit for bit', async () => {
  const { encoding, inputs, parts, train: trained } = await prepare(request, log());
  const graph = new GraphBuilder('features');
  declareInputs(graph, inputs);
  const features = appendEncoding(graph, encoding, GraphColumns.ofInputs(graph));
  graph.output(features, 'float32', ['batch', trained.width]);
  const session = await OrtSession.create(encodeModel(graph));
  const feeds = rawBatch(data.columns, inputs, parts.train).map((data, i): [string, TensorData] => [
    inputs[i].name,
    { type: Array.isArray(data) ? 'string' : 'float64', dims: [data.length, 1], data },
  ]);
  const [computed] = Object.values(await session.run(Object.fromEntries(feeds)));
  await session.release();
  expect(computed.data).toEqual(trained.x);
});

test.each([
  ['in memory', request],
  ['in blocks', streaming],
])('a family that names it learns from them %s, and its file serves', async (_, asked) => {
  const { evaluation, model, card } = await train(asked, recorder().port);
  expect(evaluation.metrics.find(({ name }) => name === 'r2')!.value).toBeGreaterThan(0.99);
  const served = await openModel(model);
  const columns = card.inputs.map(
    ({ name }) => ({ a: Float64Array.of(8, 0.001), b: Float64Array.of(1, 7) })[name] ?? ['u', 'u'],
  );
  const { prediction } = await served.predict({ rowCount: 2, columns });
  await served.release();
  expect(prediction[0]).toBe(prediction[1]);
});

test('its width is that of the estimate of memory', () => {
  const columns = [
    { name: 'a', kind: 'number', distinct: N },
    { name: 'c', kind: 'category', distinct: 2 },
    { name: 'y', kind: 'number', distinct: N },
  ] as const;
  expect(encodedBytes(columns, N, request)).toBe(4 * N * (1 + 4));
});

test('names are taken once, and a family names a reader that there is', () => {
  expect(() => registerReader(readerOf('features'))).toThrow('There is a reader features already.');
  expect(() => registerFamily({ ...linear, name: 'lost', reader: 'nowhere' })).toThrow('There is no reader nowhere.');
});
