/** A task and a metric from outside the product: in the API, trained in its thread, scored, deployed and exported. */
import { draw, normal } from '../engine/tables';
import { openTestDatabase } from '../support';
import { withExtensions } from './extensions.fixture';

jest.setTimeout(120_000);

/** Doubles with each unit of a: its logarithm lies on a line, which it does not itself. */
const sizeAt = (a: number): number => 3 * 2 ** a;
const TEST_ROWS = draw(60, 3, normal);

function rowsOf(): string {
  const part = (name: string, values: number[]) => values.map((a) => `${a},${sizeAt(a)},${a - 1},${name}`);
  const rows = [...part('train', draw(300, 1, normal)), ...part('validation', draw(60, 2, normal))];
  return `a,size,low,part\n${[...rows, ...part('test', TEST_ROWS)].join('\n')}\n`;
}

const at = withExtensions(openTestDatabase(), { extensions: ['growth', 'bias'], csv: rowsOf() });

const LISTS = `{ families { name tasks } stepKinds { kind parameterSchema }
  __type(name: "Task") { enumValues { name description } } }`;

const stepsOf = (columns: object, family = 'linear') => [
  { id: 'columns', kind: 'SELECT_COLUMNS', parameters: columns },
  { id: 'split', kind: 'SPLIT', parameters: { kind: 'column', column: 'part' } },
  { id: 'train', kind: 'TRAIN', parameters: { family, parameters: { epochs: 60 } } },
];

test('the task is one of the API, and families do it that learn what it learns', async () => {
  const { families, stepKinds, __type } = await at.outside.client.run<any>(LISTS);
  expect(__type.enumValues).toContainEqual({
    name: 'GROWTH',
    description: 'A positive number, of which ratios count.',
  });
  const doing = families.filter(({ tasks }: any) => tasks.includes('GROWTH')).map(({ name }: any) => name);
  expect(doing).toEqual(expect.arrayContaining(['linear', 'mlp', 'svm', 'gru', 'cnn1d']));
  expect(doing).not.toContain('logistic');
  const { parameterSchema } = stepKinds.find(({ kind }: any) => kind === 'SELECT_COLUMNS');
  expect(JSON.stringify(parameterSchema.properties.task)).toContain('"growth"');
});

test('it is trained, scored in the unit of the target, deployed and exported', async () => {
  const { metrics, modelVersionId, modelVersion } = await at.outside.trained(
    stepsOf({ target: 'size', task: 'growth', drop: ['low'] }),
  );
  expect(modelVersion!.card.task).toBe('GROWTH');
  const { r2, bias } = metrics;
  expect(r2.value).toBeGreaterThan(0.99);
  // As the metric says it, over the test rows.
  const values = await at.outside.predict(modelVersionId, 'sizes', { rows: TEST_ROWS.map((a) => ({ a })) });
  const errors = TEST_ROWS.map((a, i) => Number(values[i]) - sizeAt(a));
  expect(bias.value).toBeCloseTo(errors.reduce((sum, error) => sum + error, 0) / errors.length, 5);
  expect(bias.lower!).toBeLessThanOrEqual(bias.value);
  expect(bias.upper!).toBeGreaterThanOrEqual(bias.value);
  expect(bias.baseline!.value).not.toBe(bias.value);

  const answers = await at.outside.answers(modelVersionId, { a: TEST_ROWS });
  answers.forEach((value, i) => {
    expect(value / sizeAt(TEST_ROWS[i])).toBeGreaterThan(0.8);
    expect(value).toBeCloseTo(Number(values[i]), 5);
  });
});

test('the metric is one of every run that predicts numbers, and its task refuses what it cannot learn', async () => {
  const { metrics } = await at.outside.trained(stepsOf({ target: 'size', drop: ['low'] }));
  expect(metrics).toHaveProperty('bias');
  const refused = await at.outside.train(stepsOf({ target: 'low', task: 'growth', drop: ['size'] }));
  expect(refused.error!.message).toContain('values that are not positive');
  await expect(at.outside.create(stepsOf({ target: 'size', task: 'growth' }, 'logistic'))).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [
      {
        path: 'steps[2].parameters.family',
        message: expect.stringContaining('cannot do growth'),
        hint: expect.stringContaining('linear'),
      },
    ],
  });
  await expect(at.outside.create(stepsOf({ target: 'size', task: 'shrinkage' }))).rejects.toMatchObject({
    issues: [{ path: expect.stringContaining('task'), message: expect.stringContaining('growth') }],
  });
});
