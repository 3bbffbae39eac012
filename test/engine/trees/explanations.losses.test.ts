/** What columns add to scores of counts, amounts and grades, whose unit is not that of the target. */
import { openExplainer, openModel } from '../../../src/engine/run';
import { PathDependent } from '../../../src/engine/trees/inside/path-dependent';
import { decodeTrees } from '../../../src/engine/trees/inside/trees.file';
import type { InputBatch, NumbersOutput, TrainRequest } from '../../../src/engine/types';
import { requestOf, trained } from './learner.fixture';
import { meanWhereKnown, shapley } from './subsets.fixture';

/** Groups of rows for a ranking, and grades, counts and amounts by the same columns. */
function amountsOf(loss: string): TrainRequest {
  const request = requestOf('boosting', 'b', { trees: 6, leaves: 8, ...(loss !== 'lambdarank' && { loss }) });
  const { rowCount, columns } = request.table;
  const groups = Float64Array.from({ length: rowCount }, (_, row) => row % 25);
  const table = { rowCount, columns: [...columns, { name: 'query', kind: 'number' as const, values: groups }] };
  const split = { testFraction: 0.2, validationFraction: 0.2, stratify: false };
  return loss === 'lambdarank'
    ? { ...request, table, task: 'ranking', split: { kind: 'group', column: 'query', ...split } }
    : { ...request, table, task: 'regression', drop: [...request.drop, 'query'] };
}

it.each([
  ['poisson', 'logTarget', Math.exp],
  ['tweedie', 'logTarget', Math.exp],
  ['lambdarank', 'logScore', (score: number) => score],
] as const)(
  '%s: contributions are those of all subsets, and the score that is answered',
  async (loss, unit, answerOf) => {
    const { model, explanation, card } = await trained(amountsOf(loss));
    expect(card.explanation!.unit).toBe(unit);
    const [{ bytes }, ...assets] = explanation;
    const names = card.inputs.map(({ name }) => name);
    const byName = new Map<string, InputBatch['columns'][number]>([
      ['place', ['north', 'east', '', 'unheard of']],
      ['a', Float64Array.of(0.3, NaN, 0.9, 0.1)],
      ['number', Float64Array.of(0.4, 1.9, NaN, 3)],
      ['other', Float64Array.of(1, 0, NaN, 2)],
      ['flag', ['yes', '', 'no', 'no']],
      ['east', ['no', 'no', '', 'yes']],
      ['class', ['low', 'high', '', 'middle']],
    ]);
    const asked = { rowCount: 4, columns: names.map((name) => byName.get(name)!) };
    const served = await openModel(model);
    const answer = (await served.predict(asked)) as NumbersOutput;
    await served.release();
    const explainer = await openExplainer({ model: bytes, assets }, 'pathDependent');
    const { prediction } = (await explainer.predict(asked)) as NumbersOutput;
    await explainer.release();
    const width = card.explanation!.parts.length + 1;
    for (let row = 0; row < 4; row++) {
      const sum = Float64Array.from(prediction.subarray(row * width, (row + 1) * width)).reduce((a, b) => a + b, 0);
      expect(answerOf(sum) / answer.prediction[row]).toBeCloseTo(1, 5);
    }
    const read = decodeTrees(assets[0].bytes);
    const count = read.columns.length;
    const ofTrees = new PathDependent(read.rounds, read.start, count);
    for (let row = 0; row < 5; row++) {
      const at = { bins: read.background.bins, at: row * count, columns: count };
      const values = new Float64Array(count);
      ofTrees.add(at, values);
      const sumWhereKnown = (known: Set<number>) =>
        read.rounds.reduce((sum, [tree]) => sum + meanWhereKnown(tree, at, known), read.start[0]);
      shapley(count, sumWhereKnown).forEach((value, c) => expect(values[c]).toBeCloseTo(value, 10));
    }
  },
);
