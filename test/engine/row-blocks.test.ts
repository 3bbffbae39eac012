/** Rows at once: bounded by the memory of their values, with the same answers and scores however many they are. */
import { createFit } from '../../src/engine/learning/create-fit';
import { evaluationGraph } from '../../src/engine/gradient/loop';
import { rowBlocks, rowsPerRun } from '../../src/engine/executors/row-blocks';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import { listen, planFor, problem, requestFor, startOf } from './support/training';

const MEBIBYTE = 1024 * 1024;
const rowsOf = (family: string, parameters: object, width: number) =>
  rowsPerRun(evaluationGraph(planFor(family, { ...parameters }, 'binary', width), { width, weighted: false }));

test('rows are cut into blocks of a size, the last one shorter', () => {
  expect(rowBlocks(10, 4)).toEqual([[0, 4], [4, 8], [8, 10]]); // prettier-ignore
  expect(rowBlocks(0, 4)).toEqual([]);
});

test('attention over many steps takes few rows; a small dense network many, whatever its weights weigh', () => {
  const heads = 4;
  const scores = (steps: number) => 4 * heads * steps ** 2;
  const many = rowsOf('transformer', { width: 8, heads, layers: 1, feed: 8 }, 200);
  // Two values of the size of the scores are alive when one is made from the other.
  expect(many * 2 * scores(200)).toBeLessThanOrEqual(8 * MEBIBYTE);
  expect(many * 4 * scores(200)).toBeGreaterThan(8 * MEBIBYTE);
  expect(rowsOf('transformer', { width: 8, heads, layers: 1, feed: 8 }, 2000)).toBe(1);
  expect(rowsOf('logistic', {}, 30)).toBe(8192);
  const wide = rowsOf('mlp', { hidden: [512, 512] }, 30);
  expect(wide).toBeGreaterThan(500);
  expect(wide).toBeLessThan(4096);
});

test('scores and answers over blocks are those of each row', async () => {
  const width = 200;
  const request = requestFor('binary', 'transformer', { width: 8, heads: 4, layers: 1, feed: 8, epochs: 1 });
  const wide = (rows: number, seed: number) => {
    const { y } = problem('binary', rows, seed);
    const x = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * seed));
    return { rows, width, x, y, weight: null };
  };
  const rows = wide(31, 2);
  const plan = planFor('transformer', request.parameters, 'binary', width);
  const scores = await Promise.all(
    [onnxExecutor({ threads: 1, provider: 'cpu' }), eagerExecutor('reference', 'cpu')].map(async (executor) => {
      const runner = await executor.prepare(plan, 8);
      const score = await runner.score(startOf(plan)[0], rows);
      await runner.release();
      return score;
    }),
  );
  expect(scores[0].loss).toBeCloseTo(scores[1].loss, 3);
  expect(scores[0].correct).toBe(scores[1].correct);
  const model = await createFit()({ ...request, train: wide(40, 1), validation: rows }, listen());
  const all = await model.predict(rows.x, rows.rows);
  const each = await model.predict(rows.x.subarray(30 * width), 1);
  await model.release();
  expect(all.length).toBe(62);
  each.forEach((p, k) => expect(p).toBeCloseTo(all[60 + k], 5));
});
