/** How much a model relies on its columns, against closed forms. */
import { openExplainer } from '../../../src/engine/run';
import { createFit } from '../../../src/engine/learning/create-fit';
import { Random } from '../../../src/engine/random';
import { trainTable } from '../../../src/engine/training/train';
import { decodeTrees } from '../../../src/engine/trees/inside/trees.file';
import type { Column, NumbersOutput, TrainRequest } from '../../../src/engine/types';
import { recorder } from '../support/train-port';
import { DEFAULTS } from '../tables';
import { uniform } from './boosting.fixture';

const ROWS = 3000;

/** A number that is ten times one column, another column that says nothing, and a text that says a little. */
function request(family: string, parameters: object, target: string): TrainRequest {
  const random = new Random(5);
  const strong = Float64Array.from({ length: ROWS }, () => random.below(10));
  const codes = Int32Array.from({ length: ROWS }, () => random.below(2));
  const number = strong.map((value, i) => 10 * value + 4 * codes[i] + uniform(random) / 10);
  const columns: Column[] = [
    { name: 'strong', kind: 'number', values: strong },
    { name: 'noise', kind: 'number', values: Float64Array.from({ length: ROWS }, () => uniform(random)) },
    { name: 'weak', kind: 'category', codes, levels: ['no', 'yes'] },
    { name: 'number', kind: 'number', values: number },
    { name: 'flag', kind: 'category', levels: ['low', 'high'], codes: Int32Array.from(number, (v) => Number(v > 50)) },
  ];
  return {
    ...{ table: { rowCount: ROWS, columns }, target, task: null, seed: 3, resume: null },
    drop: ['number', 'flag'].filter((name) => name !== target),
    split: { kind: 'random', testFraction: 0.3, validationFraction: 0.2, stratify: false },
    preprocess: DEFAULTS,
    estimator: { family, parameters: parameters as Record<string, unknown> },
  };
}

const train = (trainRequest: TrainRequest) =>
  trainTable(trainRequest, recorder({ control: () => 'continue' }).port, createFit({ threads: 1 }));

describe.each([
  ['boosting', { trees: 100, learningRate: 0.2 }],
  ['forest', { trees: 20, rowsPerLeaf: 20 }],
  ['tree', { leaves: 64 }],
])('of %s', (family, parameters) => {
  it('shuffling costs what the closed form says, with an interval around it', async () => {
    const { evaluation, explanation, card } = await train(request(family, parameters, 'number'));
    const { metric, rowCount, columns } = evaluation.importances!;
    expect([metric, rowCount]).toEqual(['rmse', 900]);
    const of = Object.fromEntries(columns.map((each) => [each.column, each]));
    expect(Object.keys(of)).toEqual(['strong', 'weak', 'noise']);
    // The mean square of the difference of two independent draws is twice the variance.
    const before = evaluation.metrics.find(({ name }) => name === 'rmse')!.value;
    for (const [column, spread] of [
      ['strong', 10 * Math.sqrt(99 / 12)],
      ['weak', 4 * 0.5],
    ] as const) {
      const { value, lower, upper } = of[column].permutation!;
      const expected = Math.sqrt(2 * spread ** 2 + before ** 2) - before;
      expect(Math.abs(value / expected - 1)).toBeLessThan(0.08);
      expect(lower).toBeLessThan(expected);
      expect(upper).toBeGreaterThan(expected);
    }
    const { lower, upper } = of['noise'].permutation!;
    expect(Math.abs(lower + upper)).toBeLessThan(0.2);
    expect(columns.reduce((sum, { gain }) => sum + gain, 0)).toBeCloseTo(1, 9);
    expect(of['strong'].gain).toBeGreaterThan(0.9);
    // Means of absolute deviations: of whole numbers 0 to 9 from 4.5, and of a coin.
    expect(Math.abs(of['strong'].meanContribution! / 25 - 1)).toBeLessThan(0.05);
    expect(Math.abs(of['weak'].meanContribution! / 2 - 1)).toBeLessThan(0.05);
    const rules = decodeTrees(explanation[1].bytes).rounds.flatMap(([{ splits }]) =>
      splits.flatMap((rule) => rule ?? []),
    );
    const features = decodeTrees(explanation[1].bytes).columns.map(({ name }) => name);
    expect(columns.map(({ splits }) => splits)).toEqual(
      columns.map(({ column }) => rules.filter((rule) => features[rule.column] === column).length),
    );
    const [{ bytes: model }, ...assets] = explanation;
    const explainer = await openExplainer({ model, assets }, 'pathDependent');
    const batch = { rowCount: 1, columns: [Float64Array.of(9), Float64Array.of(0.5), ['no']] };
    const { prediction } = (await explainer.predict(batch)) as NumbersOutput;
    await explainer.release();
    const strong = card.explanation!.parts.findIndex(({ name }) => name === 'strong');
    expect(prediction[strong]).toBeCloseTo(45, -1);
  });
});

it('classes are judged by their loss, and the same seed gives the same', async () => {
  const [first, again] = [
    await train(request('boosting', { trees: 20 }, 'flag')),
    await train(request('boosting', { trees: 20 }, 'flag')),
  ];
  expect(first.evaluation.importances).toEqual(again.evaluation.importances);
  const { metric, columns } = first.evaluation.importances!;
  expect(metric).toBe('logLoss');
  expect(columns[0].column).toBe('strong');
  expect(columns[0].permutation!.lower).toBeGreaterThan(0.3);
});

it('families that explain nothing have none', async () => {
  const { evaluation } = await train(request('linear', { epochs: 2 }, 'number'));
  expect(evaluation.importances).toBeUndefined();
});
