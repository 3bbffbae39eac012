import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { encodeRows } from '../../src/engine/preprocess/encode';
import { columnsOfFeatures, encodedWidth } from '../../src/engine/preprocess/encoding';
import { fitPreprocess, type FittedPreprocess } from '../../src/engine/preprocess/fit';
import { appendEncoding, declareInputs } from '../../src/engine/preprocess/graph';
import { OrtSession, type TensorData } from '../../src/engine/executors/ort';
import type { Column, PreprocessOptions, Table } from '../../src/engine/types';
import { DEFAULTS, draw, normal, pick, table, uniform } from './tables';

const rowsOf = (count: number, from = 0) => Uint32Array.from({ length: count }, (_, i) => from + i);

/** The encoding by ONNX Runtime, from raw columns as a client would send them. */
async function runGraph(data: Table, { encoding, inputs }: FittedPreprocess): Promise<Float32Array> {
  const graph = new GraphBuilder('encoding');
  declareInputs(graph, inputs);
  graph.output(appendEncoding(graph, encoding), 'float32', ['batch', encodedWidth(encoding)]);
  const session = await OrtSession.create(encodeModel(graph));
  const feeds = Object.fromEntries(inputs.map(({ name }) => [name, feed(data.columns.find((c) => c.name === name)!)]));
  const [output] = Object.values(await session.run(feeds));
  await session.release();
  return output.data as Float32Array;
}

function feed(column: Column): TensorData {
  if (column.kind === 'number') {
    return { type: 'float64', dims: [column.values.length, 1], data: column.values };
  }
  const data = Array.from(column.codes, (code) => column.levels[code] ?? '');
  return { type: 'string', dims: [data.length, 1], data };
}

const TRAIN = 300;
const wild = (seed: number) =>
  table({
    normal: draw(400, seed, normal),
    'with spaces, and “quotes”': draw(400, seed + 1, (r) => (uniform(r) < 0.2 ? null : Math.exp(3 * normal(r)))),
    温度: draw(400, seed + 2, (r) => Math.round(290 + 10 * normal(r)) / 10),
    Clip: draw(400, seed + 3, (r, row) =>
      row < TRAIN ? 1.6e9 + 1e6 * normal(r) : pick(r, [NaN, Infinity, -Infinity, 0, 1e30]),
    ),
    features: draw(400, seed + 4, (r) => pick(r, [1, 2, 3])),
    Gather: draw(400, seed + 5, (r, row) =>
      row < TRAIN ? pick(r, ['a', 'b', 'yes', null]) : pick(r, ['a', 'new', '', null]),
    ),
    const_float32: draw(400, seed + 6, (r) => pick(r, ['yes', 'no'])),
    rare: draw(400, seed + 7, (r) => (uniform(r) < 0.05 ? `r${r.below(1000)}` : pick(r, ['x', 'y', 'b']))),
    unseen: draw(400, seed + 8, (r, row) => (row < TRAIN ? pick(r, ['α', 'β']) : pick(r, ['γ', 'α', null]))),
  });

const variants: [string, Partial<PreprocessOptions>][] = [
  ['defaults', {}],
  ['robust scale, mean fill, no bins', { scale: 'robust', impute: 'mean', bins: 0 }],
  ['minmax scale, zero fill, no indicators', { scale: 'minmax', impute: 'zero', missingIndicator: false }],
  ['no scaling, two levels at most', { scale: 'none', levelsMax: 2, bins: 3 }],
];

describe('typed arrays and ONNX Runtime encode alike', () => {
  test.each(variants)('%s', async (_, change) => {
    for (const seed of [10, 20]) {
      const data = wild(seed);
      const fitted = fitPreprocess(data.columns, rowsOf(TRAIN), { ...DEFAULTS, ...change });
      const ours = encodeRows(data.columns, rowsOf(400), fitted.encoding);
      const theirs = await runGraph(data, fitted);
      expect(theirs.length).toBe(ours.length);
      expect(theirs).toEqual(ours);
    }
  });

  test('only numbers, only text, and more text columns than one block takes', async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 40 }, (_, c) => [`c${c}`, draw(60, c, (r) => pick(r, ['p', `q${c}`]))]),
    );
    for (const data of [
      table({ x: draw(60, 1, normal) }),
      table({ t: draw(60, 2, (r) => pick(r, ['p', 'q'])) }),
      table(wide),
    ]) {
      const fitted = fitPreprocess(data.columns, rowsOf(60), DEFAULTS);
      expect(await runGraph(data, fitted)).toEqual(encodeRows(data.columns, rowsOf(60), fitted.encoding));
    }
  });
});

test('each feature depends on its own column alone', () => {
  const [one, other] = [wild(10), wild(30)];
  const { encoding } = fitPreprocess(one.columns, rowsOf(TRAIN), DEFAULTS);
  const [width, of] = [encodedWidth(encoding), columnsOfFeatures(encoding)];
  const names = [...encoding.numbers.columns, ...encoding.categories.map(({ column }) => column)];
  const encode = (columns: Column[]) => encodeRows(columns, rowsOf(400), encoding);
  const before = encode(one.columns);
  expect(of).toHaveLength(width);
  expect(new Set(of).size).toBe(names.length);
  for (const [i, name] of names.entries()) {
    const changed = (column: Column, at: number) => (column.name === name ? other.columns[at] : column);
    const after = encode(one.columns.map(changed));
    const moved = new Set([...after.keys()].filter((at) => after[at] !== before[at]).map((at) => of[at % width]));
    expect([...moved]).toEqual([i]);
  }
});

describe('what the features are', () => {
  const encode = (data: Table, options: Partial<PreprocessOptions>, trainRows = data.rowCount) => {
    const fitted = fitPreprocess(data.columns, rowsOf(trainRows), { ...DEFAULTS, bins: 0, ...options });
    const width = encodedWidth(fitted.encoding);
    const flat = encodeRows(data.columns, rowsOf(data.rowCount), fitted.encoding);
    return Array.from({ length: data.rowCount }, (_, i) => [...flat.subarray(i * width, (i + 1) * width)]);
  };

  test('a missing number is filled from training rows and flagged', () => {
    const rows = encode(table({ x: [0, 2, 10, null, 100, null] }), { scale: 'none' }, 4);
    expect(rows).toEqual([
      [0, 0],
      [2, 0],
      [10, 0],
      [2, 1],
      [100, 0],
      [2, 1],
    ]);
  });

  test('standard, robust and minmax scale as defined', () => {
    const data = table({ x: [1, 2, 3, 4, 10] });
    expect(encode(data, { scale: 'standard' })[4][0]).toBeCloseTo((10 - 4) / Math.sqrt(10), 6);
    expect(encode(data, { scale: 'robust' })[4][0]).toBeCloseTo((10 - 3) / 2, 6);
    expect(encode(data, { scale: 'minmax' })[2][0]).toBeCloseTo(2 / 9, 6);
  });

  test('rare levels share a slot with unseen ones; missing text has its own', () => {
    const data = table({ t: ['a', 'a', 'a', 'b', 'b', 'c', null, 'z'] });
    expect(encode(data, { rareFraction: 0.2 }, 7)).toEqual([
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 1, 0],
    ]);
  });

  test('without rare levels in training an unseen or missing one sets no slot', () => {
    expect(encode(table({ t: ['a', 'b', 'a', 'z', null] }), {}, 3).slice(3)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('bins rise piecewise linearly between the values of a column with few', () => {
    const rows = encode(table({ x: [0, 1, 3, 2, -5, 9] }), { scale: 'none', bins: 4 }, 3);
    expect(rows).toEqual([
      [0, 0, 0],
      [1, 1, 0],
      [3, 1, 1],
      [2, 1, 0.5],
      [-5, 0, 0],
      [9, 1, 1],
    ]);
  });
});

test('the inputs tell what was seen in the train part: the range, and how often a value was missing', () => {
  const data = table({ age: [30, null, 77, 41, 500], site: ['a', null, '', 'b', 'c'] });
  const { inputs } = fitPreprocess(data.columns, rowsOf(4), { ...DEFAULTS, rareFraction: 0 });
  expect(inputs).toEqual([
    expect.objectContaining({ name: 'age', minimum: 30, maximum: 77, levels: null, missingFraction: 0.25 }),
    expect.objectContaining({ name: 'site', minimum: null, levels: ['a', 'b'], missingFraction: 0.5 }),
  ]);
});
