/** Columns that are no features: what steps make of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineStep } from '../../src/engine';
import { openModel, train } from '../../src/engine/run';
import { EngineError, type Table, type TrainRequest } from '../../src/engine/types';
import { byPart, names, requestFor, step, target } from './support/pipeline-steps';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';
import { draw, normal, table } from './tables';

const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'praxis-reserved-')));
  return folders.at(-1)!;
};
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

describe.each([
  ['in memory', false],
  ['in parts', true],
])('columns that are no features are read by steps, %s', (_, streamed) => {
  const count = 400;
  const day = Array.from({ length: count }, (_unused, i) => 20_000 + i);
  const isRest = (on: number) => on % 7 >= 5;
  const y = day.map((on, i) => (isRest(on) ? 5 : 1) + 0.1 * draw(count, 1, normal)[i]);
  const site = day.map((on) => (isRest(on) ? 'closed' : ['north', 'south'][on % 2]));
  const byDay = step('split', 'SPLIT', {
    ...{ kind: 'time', column: 'day', testFraction: 0.2, gap: 0, validationFraction: 0.2 },
  });
  const rest = step('rest', 'DERIVE', { column: 'rest', expression: 'day % 7 >= 5' });
  const learner = step('train', 'TRAIN', { family: 'linear', parameters: { epochs: 30 } });

  async function learnt(data: Table, ...steps: PipelineStep[]) {
    const { table: whole, ...request } = requestFor(data, [...steps, learner]);
    const where = streamed ? { source: sourceOf(whole), bytesMax: 4000, scratch: folder() } : { table: whole };
    return train({ ...request, ...where } as TrainRequest, recorder().port);
  }
  const r2 = ({ evaluation }: Awaited<ReturnType<typeof train>>) =>
    evaluation.metrics.find(({ name }) => name === 'r2')!.value;

  test('the times of the split, of which all features are made', async () => {
    const result = await learnt(table({ day, y }), target(), byDay, rest, step('far', 'CLIP', { lower: 0 }));
    expect(r2(result)).toBeGreaterThan(0.98);
    expect(result.card.inputs.map(({ name }) => name)).toEqual(['day']);
    expect(result.card.leftOut).toEqual([{ column: 'day', reason: 'It orders the split.' }]);
    const model = await openModel(result.model);
    const { prediction } = await model.predict({ rowCount: 2, columns: [Float64Array.of(25_003, 25_004)] });
    await model.release();
    expect([25_003, 25_004].map(isRest)).toEqual([true, false]);
    expect(Number(prediction[0])).toBeCloseTo(5, 0);
    expect(Number(prediction[1])).toBeCloseTo(1, 0);
  });

  test('the groups of the split', async () => {
    const groups = step('split', 'SPLIT', {
      ...{ kind: 'group', column: 'site', testFraction: 0.3, validationFraction: 0.3, stratify: false },
    });
    const named = step('named', 'DERIVE', { column: 'named', expression: 'if(site = "closed", 1, 0)' });
    const { card } = await learnt(table({ site, y }), target(), groups, named);
    expect(card.inputs.map(({ name }) => name)).toEqual(['site']);
  });

  test('a constant, and an identifier: also one that is made anew under its name', async () => {
    const data = table({ number: day, week: day.map(() => 7), y });
    const anew = step('made', 'DERIVE', { column: 'number', expression: 'number % week >= 5' });
    const result = await learnt(data, target(), anew);
    expect(result.card.leftOut.map(({ column }) => column)).toEqual(['number', 'week']);
    expect(result.card.inputs.map(({ name }) => name)).toEqual(['number', 'week']);
    expect(r2(result)).toBeGreaterThan(0.98);
  });

  test('what says of rows in which part they are, no row to predict has', async () => {
    const part = day.map((_unused, i) => ['train', 'validation', 'test'][i % 3]);
    const read = step('early', 'DERIVE', { column: 'early', expression: 'if(part = "train", 1, 0)' });
    await expect(learnt(table({ part, day, y }), target(), byPart, read)).rejects.toMatchObject({
      message: 'Step "early": column "part" is read by the split.',
      path: 'steps.early.expression',
    });
    await expect(learnt(table({ day, y }), target('y', ['day']), read)).rejects.toBeInstanceOf(EngineError);
  });

  test('no step changes them, and without one that reads them nothing is left', async () => {
    const data = table({ day, y });
    const [clipped, anew] = [
      step('far', 'CLIP', { ...names('day'), lower: 0 }),
      step('rest', 'DERIVE', { column: 'day', expression: 'day % 7' }),
    ];
    await expect(learnt(data, target(), byDay, rest, clipped)).rejects.toMatchObject({
      message: 'Step "far": column "day" is read by the split.',
    });
    await expect(learnt(data, target(), byDay, anew)).rejects.toMatchObject({
      message: 'Step "rest": column "day" is read by the split.',
      hint: 'give the new column another name',
    });
    await expect(learnt(data, target(), byDay)).rejects.toMatchObject({ message: 'No column is left to learn from.' });
  });
});
