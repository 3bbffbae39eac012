/** Two classes chosen by what errors cost, and scores by group: what is scored is what the model file answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestOf, type PipelineStep } from '../../src/engine';
import { classificationScorer, decisionBy } from '../../src/engine/metrics';
import { openModel, train } from '../../src/engine/run';
import { EngineError, type Column, type GroupScores, type TrainRequest } from '../../src/engine/types';
import { draw, normal, pick, table, uniform } from './tables';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';

const COSTS = { missed: 5, falseAlarm: 1 };

describe('costs of errors', () => {
  test('give the threshold at which both answers are expected to cost the same', () => {
    expect(decisionBy(COSTS).threshold).toBeCloseTo(1 / 6, 15);
    expect(decisionBy({ missed: 60, falseAlarm: 60 }).threshold).toBe(0.5);
  });

  test('no other threshold costs less, where probabilities are right', () => {
    const risks = draw(100_000, 5, uniform);
    const costAt = (threshold: number) =>
      risks.reduce((sum, p) => sum + (p >= threshold ? (1 - p) * COSTS.falseAlarm : p * COSTS.missed), 0);
    const best = costAt(decisionBy(COSTS).threshold);
    for (let t = 0; t <= 1; t += 0.01) expect(costAt(t)).toBeGreaterThanOrEqual(best);
  });

  test('are scored by hand', () => {
    // From 1/6 on positive: 1, 1, 0, 0, 1; actual 1, 0, 1, 0, 0.
    const p = [0.9, 0.2, 0.1, 0.05, 0.25];
    const scorer = classificationScorer(
      Int32Array.of(1, 0, 1, 0, 0),
      Float32Array.from(p.flatMap((yes) => [1 - yes, yes])),
      ['no', 'yes'],
      decisionBy(COSTS),
    );
    const scores = Object.fromEntries(scorer.names.map((name, i) => [name, scorer.score([1, 1, 1, 1, 2])[i]]));
    expect(scores.cost).toBeCloseTo((5 + 1 + 2) / 6, 12);
    expect(scores.positiveRate).toBeCloseTo(4 / 6, 12);
    expect(scores.falsePositiveRate).toBeCloseTo(3 / 4, 12);
    expect(scores.expectedToObserved).toBeCloseTo((0.9 + 0.2 + 0.1 + 0.05 + 0.5) / 2, 6);
    expect(scores.recall).toBe(0.5);
    expect(scores.precision).toBe(0.25);
  });
});

const N = 1200;
const x = draw(N, 1, normal);
const region = draw(N, 2, (r) => (uniform(r) < 0.05 ? null : pick(r, ['north', 'north', 'south'])));
const data = table({
  x,
  region,
  grade: draw(N, 3, (r) => r.below(4)),
  age: draw(N, 6, (r) => 20 + r.below(50)),
  late: draw(N, 4, (r, i) => (x[i] + normal(r) > 1.3 ? 'yes' : 'no')),
  amount: draw(N, 5, (r, i) => x[i] + normal(r)),
});

const step = (id: string, kind: string, parameters: Record<string, unknown>): PipelineStep => ({
  ...{ id, kind, parameters },
});

async function run(columns: Record<string, unknown>, { streamed = false, steps = [] as PipelineStep[] } = {}) {
  const request = requestOf([
    step('columns', 'SELECT_COLUMNS', { drop: [], task: null, ...columns }),
    ...steps,
    step('train', 'TRAIN', { family: columns.target === 'amount' ? 'linear' : 'logistic', parameters: { epochs: 5 } }),
  ]);
  const scratch = mkdtempSync(join(tmpdir(), 'praxis-decisions-'));
  const where = streamed ? { source: sourceOf(data), bytesMax: 20_000, scratch } : { table: data };
  try {
    return await train({ ...request, seed: 3, resume: null, ...where } as TrainRequest, recorder().port, {
      threads: 1,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const valueOf = ({ metrics }: Pick<GroupScores, 'metrics'>, wanted: string) =>
  metrics.find(({ name }) => name === wanted)?.value;

describe('a model with costs of errors', () => {
  test('answers by them in its file, is scored so, and beside the better of two constant answers', async () => {
    const { model, card, evaluation } = await run({ target: 'late', drop: ['amount'], errorCosts: COSTS });
    expect(card.decision).toEqual({ threshold: 1 / 6, costs: COSTS });
    const served = await openModel(model);
    const columns = card.inputs.map(({ name }) => valuesOf(data.columns.find((column) => column.name === name)!));
    const output = await served.predict({ rowCount: N, columns });
    await served.release();
    if (output.kind !== 'labels') throw new Error('The model answers numbers.');
    const by = output.prediction.map((_, row) =>
      output.probabilities[2 * row + 1] >= Math.fround(1 / 6) ? 'yes' : 'no',
    );
    expect(output.prediction).toEqual(by);
    expect(by.filter((_, row) => output.probabilities[2 * row + 1] < 0.5 && by[row] === 'yes').length).toBeGreaterThan(
      50,
    );
    const [[, wrong], [overlooked]] = evaluation.kind === 'classes' ? evaluation.confusionMatrix.counts : [];
    expect(valueOf(evaluation, 'cost')).toBeCloseTo((5 * overlooked + wrong) / evaluation.rowCount, 12);
    const share = evaluation.metrics.find(({ name }) => name === 'averagePrecision')!.baseline!.value;
    const baseline = evaluation.metrics.find(({ name }) => name === 'cost')!.baseline!.value;
    expect(baseline).toBeCloseTo(Math.min(5 * share, 1 - share), 12);
    expect(valueOf(evaluation, 'cost')).toBeLessThan(baseline);
  });

  test('answers the likelier class without', async () => {
    const { card, evaluation } = await run({ target: 'late', drop: ['amount'] });
    expect(card.decision).toBeUndefined();
    expect(evaluation.metrics.map(({ name }) => name)).not.toContain('cost');
    expect(evaluation.groups).toBeUndefined();
  });
});

describe.each([
  ['in memory', false],
  ['in parts', true],
])('groups of the test rows, of a table %s', (_, streamed) => {
  test('are scored apart, whether the model reads the column or not', async () => {
    const columns = {
      target: 'late',
      drop: ['amount', 'region'],
      groups: ['region', 'grade', 'age'],
      errorCosts: COSTS,
    };
    const { evaluation, card } = await run(columns, { streamed });
    expect(card.inputs.map(({ name }) => name)).not.toContain('region');
    const of = (name: string) => evaluation.groups!.filter(({ column }) => column === name);
    expect(of('region').map(({ value }) => value)).toEqual(['north', 'south', null]);
    expect(of('grade').map(({ value }) => value)).toEqual(['0', '1', '2', '3']);
    const ranges = of('age').map(({ value }) => value!.split(' to ').map(Number));
    expect(ranges).toHaveLength(4);
    ranges.forEach(([low, high], i) => expect(low <= high && (i === 0 || low > ranges[i - 1][1])).toBe(true));
    for (const name of columns.groups) {
      // Counts and means over groups are those over all rows.
      const sum = (value: (group: GroupScores) => number) => of(name).reduce((total, group) => total + value(group), 0);
      expect(sum(({ rowCount }) => rowCount)).toBe(evaluation.rowCount);
      for (const metric of ['cost', 'positiveRate', 'accuracy', 'logLoss', 'brier']) {
        const whole = valueOf(evaluation, metric)!;
        expect(sum((group) => valueOf(group, metric)! * group.rowCount) / evaluation.rowCount).toBeCloseTo(whole, 9);
      }
      const counts = evaluation.kind === 'classes' ? evaluation.confusionMatrix.counts : [];
      counts.forEach((row, i) =>
        row.forEach((count, j) => expect(sum((group) => group.confusionMatrix!.counts[i][j])).toBe(count)),
      );
    }
  });

  test('are those of the rows that steps leave', async () => {
    const steps = [step('few', 'FILTER', { where: 'region = "south"' })];
    const { evaluation } = await run({ target: 'amount', drop: ['late'], groups: ['region'] }, { streamed, steps });
    expect(evaluation.groups).toHaveLength(1);
    expect(evaluation.groups![0]).toMatchObject({
      ...{ column: 'region', value: 'south', rowCount: evaluation.rowCount, confusionMatrix: null },
      metrics: evaluation.metrics.map(({ name, value, lower, upper }) => ({ name, value, lower, upper })),
    });
  });

  test.each<[Record<string, unknown>, string, RegExp]>([
    [{ target: 'amount', errorCosts: COSTS }, 'errorCosts', /two classes/],
    [{ target: 'late', groups: ['grade', 'nowhere'] }, 'groups[1]', /no column "nowhere"/],
    [{ target: 'late', groups: ['late'] }, 'groups[0]', /is a target/],
  ])('%j is refused', async (columns, path, message) => {
    const error: unknown = await run(columns, { streamed }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(message) });
  });
});

function valuesOf(column: Column): Float64Array | string[] {
  if (column.kind === 'number') return column.values;
  return Array.from(column.codes, (code) => column.levels[code] ?? '');
}
