/** What steps of the columns stage make of columns: against hand calculations, in memory, in blocks, and as a model file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineStep } from '../../src/engine';
import { GraphColumns } from '../../src/engine/columns/tensors';
import { EventLog } from '../../src/engine/training/event-log';
import type { Blocks } from '../../src/engine/learning/fit';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { prepare, rawBatch } from '../../src/engine/training/prepare/prepare';
import { appendEncoding, declareInputs } from '../../src/engine/preprocess/graph';
import { openModel, train } from '../../src/engine/run';
import { OrtSession, type TensorData } from '../../src/engine/executors/ort';
import type { InputBatch, Table } from '../../src/engine/types';
import python from './fixtures/steps.json';
import { byPart, impute, names, NO_BINS, path, requestFor, scale, step, target } from './support/pipeline-steps';
import { featuresOf, rowsOf } from './support/features';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { draw, normal, pick, table, uniform } from './tables';

/** Rows 0 to 11 are trained on, 12 and 13 validate, the others test; 100 and 1000 stand far from the others. */
const PARTS = [
  ...new Array<string>(12).fill('train'),
  'validation',
  'validation',
  ...new Array<string>(6).fill('test'),
];
const SMALL = table({
  a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, -999, 4, 1000, 5, 6, 5, 6, 5, 6],
  b: [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 0, 1, 2, 1, 2, 1, 2],
  part: PARTS,
  y: PARTS.map((_, i) => i * 0.5),
});

describe('by hand', () => {
  const base = [target(), byPart, step('encode', 'ENCODE', NO_BINS)];
  const ratio = step('ratio', 'DERIVE', { column: 'ratio', expression: 'a / b' });
  const clip = step('clip', 'CLIP', { ...names('a'), lower: 0, upper: 10 });
  const raw = scale('scale', 'none');

  test('CLIP before DERIVE and after it give different features', async () => {
    const ends = path('ratio', 'scale', 'encode');
    const before = [...path('columns', 'split', 'clip', 'ratio'), ...ends];
    const { validation } = await featuresOf(requestFor(SMALL, [...base, clip, ratio, raw], before));
    // 4 / 2; then 1000 clipped to 10, and 10 / 0 is missing: the median of the train part, between 3.5 and 4.
    expect(validation.map(([a, , of]) => [a, of])).toEqual([
      [4, 2],
      [10, 3.75],
    ]);
    const last = step('clip', 'CLIP', { ...names('a', 'ratio'), lower: 0, upper: 10 });
    const after = [...path('columns', 'split', 'ratio', 'clip', 'scale', 'encode')];
    const { train: clipped } = await featuresOf(requestFor(SMALL, [...base, last, ratio, raw], after));
    // Row 10: 100 / 2 is 50, and 10 once it is clipped; clipped before, it is 10 / 2.
    expect(clipped[10].slice(0, 3)).toEqual([10, 2, 10]);
    const { train: trained } = await featuresOf(requestFor(SMALL, [...base, clip, ratio, raw], before));
    expect(trained[10].slice(0, 3)).toEqual([10, 2, 5]);
  });

  test('REPLACE makes -999 missing, which IMPUTE fills and flags; the range of the input stays that of the column', async () => {
    const replace = step('replace', 'REPLACE', { ...names('a'), values: [-999], with: null });
    const request = requestFor(SMALL, [...base, replace, impute('impute'), raw]);
    const { inputs } = await prepare(request, new EventLog(recorder().port, 0));
    const { train: trained } = await featuresOf(request);
    expect(trained[11]).toEqual([6, 1, 1]);
    expect(trained[0]).toEqual([1, 2, 0]);
    expect(inputs[0]).toMatchObject({ name: 'a', minimum: -999, maximum: 100, fill: 6, missingFraction: 0 });
  });

  test('the quantiles of CLIP and the fill of IMPUTE are those of the train part, after the steps before', async () => {
    const replace = step('replace', 'REPLACE', { ...names('a'), values: [-999] });
    const quantiles = step('clip', 'CLIP', { ...names('a'), upperQuantile: 0.5 });
    const mean = impute('impute', { method: 'mean', missingIndicator: false });
    const last = step('zclip', 'CLIP', { ...names('a'), lower: 2.5 });
    const edges = path('columns', 'split', 'replace', 'clip', 'impute', 'zclip', 'scale', 'encode');
    const { train: trained } = await featuresOf(
      requestFor(SMALL, [...base, replace, quantiles, mean, last, raw], edges),
    );
    // 1 to 10 and 100: the median is 6; clipped to it they are 1 to 5 and six times 6, of which the mean is 51 / 11.
    expect(trained.map(([a]) => a)).toEqual([2.5, 2.5, 3, 4, 5, 6, 6, 6, 6, 6, 6, Math.fround(51 / 11)]);
  });

  test('two IMPUTEs and two SCALEs of different columns', async () => {
    const data = table({
      a: [0, 2, 4, 6, 8, 10, null, 0, 2, 4, 6, 8, null, 10, 0, 0, 0, 0, 0, 0],
      b: [1, 1, 3, 3, 5, 5, 1, 1, 3, 3, null, 5, 5, null, 1, 1, 1, 1, 1, 1],
      part: PARTS,
      y: PARTS.map((_, i) => i),
    });
    const steps = [
      impute('zero', { ...names('a'), method: 'zero', missingIndicator: false }),
      impute('median', names('b')),
      scale('bounds', 'minmax', names('a')),
      scale('raw', 'none', names('b')),
    ];
    const edges = [
      ...path('columns', 'split', 'zero', 'bounds', 'encode'),
      ...path('split', 'median', 'raw', 'encode'),
    ];
    const { validation } = await featuresOf(requestFor(data, [...base, ...steps], edges));
    expect(validation).toEqual([
      [0, 5, 0],
      [1, 3, 1],
    ]);
  });

  test('a filled column that is changed afterwards keeps its flag', async () => {
    const replace = step('replace', 'REPLACE', { ...names('a'), values: [-999] });
    const edges = path('columns', 'split', 'replace', 'impute', 'clip', 'scale', 'encode');
    const { train: trained } = await featuresOf(
      requestFor(SMALL, [...base, replace, impute('impute'), clip, raw], edges),
    );
    expect(trained[11]).toEqual([6, 1, 1]);
    expect(trained[10]).toEqual([10, 2, 0]);
  });

  test('texts are replaced; a text that a step makes is encoded', async () => {
    const data = table({
      site: PARTS.map((_, i) => ['n/a', 'North', 'north', 'south'][i % 4]),
      a: PARTS.map((_, i) => i % 5),
      part: PARTS,
      y: PARTS.map((_, i) => i),
    });
    const steps = [
      step('gone', 'REPLACE', { values: ['n/a'], with: null }),
      step('same', 'REPLACE', { values: ['North'], with: 'north' }),
      step('size', 'DERIVE', { column: 'size', expression: 'if(a > 2, "big", "small")' }),
    ];
    const edges = [...path('columns', 'split', 'gone', 'same', 'size', 'scale', 'encode')];
    const request = requestFor(data, [...base, ...steps, raw], edges);
    const { encoding, inputs } = await prepare(request, new EventLog(recorder().port, 0));
    expect(encoding.categories.map(({ column, levels, slotCount }) => [column, levels, slotCount])).toEqual([
      ['site', ['north', 'south'], 3],
      ['size', ['small', 'big'], 2],
    ]);
    expect(inputs.map(({ name, levels }) => [name, levels])).toEqual([
      ['site', ['North', 'n/a', 'north', 'south']],
      ['a', null],
    ]);
  });

  test('a column that is no feature is no input for the sake of a step that takes all columns', async () => {
    const data = table({
      id: PARTS.map((_, i) => 1000 + i),
      a: PARTS.map((_, i) => (i * 7) % 5),
      part: PARTS,
      y: PARTS.map((_, i) => i % 3),
    });
    const request = requestFor(data, [...base, step('clip', 'CLIP', { lower: 1 }), raw]);
    const { inputs, train: trained } = await prepare(request, new EventLog(recorder().port, 0));
    expect(inputs.map(({ name }) => name)).toEqual(['a']);
    expect(rowsOf(trained).map(([a]) => a)).toEqual(PARTS.slice(0, 12).map((_, i) => Math.max(1, (i * 7) % 5)));
  });

  test('a column that is no feature itself is read by steps, with a warning', async () => {
    const data = table({
      id: PARTS.map((_, i) => 1000 + i),
      a: PARTS.map((_, i) => (i * 7) % 5),
      part: PARTS,
      y: PARTS.map((_, i) => i % 3),
    });
    const derive = step('d', 'DERIVE', { column: 'odd', expression: 'id % 2' });
    const { events, port } = recorder();
    const log = new EventLog(port, 0);
    const { inputs, selection } = await prepare(requestFor(data, [...base, derive, raw]), log);
    log.flush();
    expect(selection.leftOut.map(({ column }) => column)).toEqual(['id', 'part']);
    expect(inputs.map(({ name }) => name)).toEqual(['a', 'id']);
    expect(events).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('Steps read "id", which is no feature'),
      }),
    );
  });
});

const N = 1200;
const big = (): Table => {
  const heat = draw(N, 1, (r) => (uniform(r) < 0.05 ? -999 : 300 + 20 * normal(r)));
  const load = draw(N, 2, (r) => (uniform(r) < 0.1 ? null : Math.exp(normal(r))));
  const site = draw(N, 3, (r) => pick(r, ['north', 'south', 'n/a', null]));
  const people = draw(N, 4, (r) => pick(r, [0, 1, 2, 3]));
  const y = draw(N, 5, (r, i) => (heat[i] === -999 ? 0 : heat[i] / 20) + (load[i] ?? 0) + people[i] + 0.1 * normal(r));
  return table({ heat, load, site, people, y });
};

/** A diamond behind a FILTER: two DERIVEs between steps that both read, with two IMPUTEs and two SCALEs of different columns. */
const DIAMOND = [
  target(),
  step('keep', 'FILTER', { where: 'people > 0 or heat > 290' }),
  step('replace', 'REPLACE', { ...names('heat'), values: [-999], with: null }),
  step('gone', 'REPLACE', { ...names('site'), values: ['n/a'] }),
  impute('fill_heat', { ...names('heat'), method: 'mean' }),
  impute('fill_load', { ...names('load'), method: 'median' }),
  step('a_ratio', 'DERIVE', { column: 'ratio', expression: 'heat / people' }),
  step('b_product', 'DERIVE', { column: 'product', expression: 'log1p(load) * heat' }),
  step('clip', 'CLIP', { ...names('ratio', 'load'), lowerQuantile: 0.02, upperQuantile: 0.98 }),
  scale('robust', 'robust', names('ratio', 'load')),
  scale('standard', 'standard', names('heat', 'people', 'product')),
  step('train', 'TRAIN', { family: 'mlp', parameters: { epochs: 3, hidden: [8] } }),
];
const DIAMOND_EDGES = [
  ...path('columns', 'keep', 'replace', 'fill_heat', 'a_ratio', 'clip', 'robust', 'train'),
  ...path('keep', 'gone', 'train'),
  ...path('keep', 'fill_load', 'b_product', 'clip'),
  ...path('fill_heat', 'b_product', 'standard', 'train'),
  ...path('a_ratio', 'standard'),
];

const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'praxis-columns-')));
  return folders.at(-1)!;
};
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

const batch = (values: Record<string, (number | null)[] | (string | null)[]>, order: string[]): InputBatch => ({
  rowCount: Object.values(values)[0].length,
  columns: order.map((name) =>
    name === 'site'
      ? values[name].map((value) => (value as string | null) ?? '')
      : Float64Array.from(values[name] as (number | null)[], (value) => value ?? NaN),
  ),
});

describe('a diamond', () => {
  test('independent steps swapped, and edges in any order, give the same bits', async () => {
    const one = await train(requestFor(big(), DIAMOND, DIAMOND_EDGES), recorder().port);
    const other = await train(requestFor(big(), DIAMOND.toReversed(), DIAMOND_EDGES.toReversed()), recorder().port);
    expect(Buffer.from(other.model).equals(Buffer.from(one.model))).toBe(true);
    expect(other.evaluation).toEqual(one.evaluation);
    const [heat, people] = ['heat', 'people'].map((name) => {
      return (big().columns.find((column) => column.name === name) as { values: Float64Array }).values;
    });
    const used = heat.filter((value, i) => people[i] > 0 || value > 290).length;
    const { train: trained, validation, test: tested } = one.splitCounts;
    expect(trained + validation + tested).toBe(used);
  });

  test('the model file computes the steps from raw columns: a clipped value is as its bound, -999 as missing', async () => {
    const { model, card } = await train(requestFor(big(), DIAMOND, DIAMOND_EDGES), recorder().port);
    expect(card.inputs.map(({ name }) => name)).toEqual(['heat', 'load', 'site', 'people']);
    const served = await openModel(model);
    const { prediction } = await served.predict(
      batch(
        {
          heat: [-999, null, 310, 310, 310],
          load: [1, 1, 1e6, 1e9, null],
          people: [2, 2, 1, 1, 0],
          site: ['n/a', null, 'north', 'north', 'south'],
        },
        card.inputs.map(({ name }) => name),
      ),
    );
    await served.release();
    const [disguised, missing, large, larger, divided] = prediction as Float64Array;
    expect(disguised).toBe(missing);
    expect(Number.isFinite(divided)).toBe(true);
    // `product` reads the load before it is clipped.
    expect(large).not.toBe(larger);
  });

  test('what is trained on is what a file computes from raw columns, bit for bit', async () => {
    const request = requestFor(big(), DIAMOND, DIAMOND_EDGES);
    const {
      columns,
      encoding,
      inputs,
      parts,
      train: trained,
    } = await prepare(request, new EventLog(recorder().port, 0));
    const graph = new GraphBuilder('features');
    declareInputs(graph, inputs);
    const values = GraphColumns.ofInputs(graph);
    columns.append(graph, values);
    graph.output(appendEncoding(graph, encoding, values), 'float32', ['batch', trained.width]);
    const session = await OrtSession.create(encodeModel(graph));
    const feeds = rawBatch(request.table.columns, inputs, parts.train).map((data, i): [string, TensorData] => {
      return [inputs[i].name, { type: Array.isArray(data) ? 'string' : 'float64', dims: [data.length, 1], data }];
    });
    const [features] = Object.values(await session.run(Object.fromEntries(feeds)));
    await session.release();
    expect(features.data).toEqual(trained.x);
  });

  test("Python's onnxruntime computes the same as we do", async () => {
    const served = await openModel(Buffer.from(python.model, 'base64'));
    const { prediction } = await served.predict(batch(python.rows, python.inputs));
    await served.release();
    expect([...(prediction as Float64Array)]).toEqual(python.prediction);
  });

  test('a table in blocks is read as one in memory', async () => {
    const request = requestFor(big(), DIAMOND, DIAMOND_EDGES);
    const { port } = recorder();
    const memory = await prepare(request, new EventLog(port, 0));
    const { table: data, ...rest } = request;
    // The sample is the table, so that both are fitted to the same rows.
    const streaming = { ...rest, source: sourceOf(data), bytesMax: 1_000_000, scratch: folder() };
    const streamed = await prepare<Blocks>(streaming, new EventLog(port, 0));
    expect(streamed.encoding).toEqual(memory.encoding);
    expect(streamed.inputs).toEqual(memory.inputs);
    const blocks = streamed.validation;
    const validation: number[][] = [];
    for (const group of blocks.groups.keys()) {
      for (const matrix of await blocks.load(group)) validation.push(...rowsOf(matrix));
    }
    expect(validation).toEqual(rowsOf(memory.validation));
  });

  test('a training in blocks scores as one in memory', async () => {
    const { table: data, ...rest } = requestFor(big(), DIAMOND, DIAMOND_EDGES);
    const memory = await train({ ...rest, table: data }, recorder().port);
    const streaming = { ...rest, source: sourceOf(data), bytesMax: 1_000_000, scratch: folder() };
    const streamed = await train(streaming, recorder().port);
    expect(streamed.card.inputs).toEqual(memory.card.inputs);
    expect(streamed.splitCounts).toEqual(memory.splitCounts);
    expect(streamed.evaluation.rowCount).toBe(memory.evaluation.rowCount);
  });
});

describe('faults', () => {
  const failing = async (...steps: PipelineStep[]) =>
    prepare(requestFor(SMALL, [target(), byPart, ...steps]), new EventLog(recorder().port, 0)).catch((e: unknown) => e);

  test('tell the step, the place and what to do', async () => {
    expect(await failing(step('c', 'CLIP', { ...names('aa'), lower: 0 }))).toMatchObject({
      message: 'Step "c": there is no column "aa" here.',
      path: 'steps.c.columns.names[0]',
      hint: 'Did you mean "a"?',
    });
    expect(await failing(step('c', 'CLIP', { ...names('part'), lower: 0 }))).toMatchObject({
      message: 'Step "c": column "part" is read by the split.',
    });
  });

  test('columns that are missing throughout are clipped, scaled and filled without a bound', async () => {
    const data = {
      ...SMALL,
      columns: SMALL.columns.map((c) => (c.name === 'b' ? { ...c, values: new Float64Array(20).fill(7) } : c)),
    } as Table;
    const steps = [
      target(),
      byPart,
      step('r', 'REPLACE', { values: [7], ...names('b') }),
      step('d', 'DERIVE', { column: 'none', expression: 'b * 2' }),
      step('e', 'CLIP', { ...names('none'), lowerQuantile: 0.1 }),
      scale('s', 'standard', names('none')),
      step('z', 'DERIVE', { column: 'twice', expression: 'none * 2' }),
    ];
    const { train: trained } = await featuresOf(
      requestFor(data, steps, path('columns', 'split', 'r', 'd', 'e', 's', 'z')),
    );
    expect(trained.flat().every(Number.isFinite)).toBe(true);
  });
});
