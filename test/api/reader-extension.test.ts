/** A reader from outside the product, and a family that names it: in the API, trained in its thread, deployed and exported. */
import { draw, normal, pick } from '../engine/tables';
import { openTestDatabase } from '../support';
import { withExtensions } from './extensions.fixture';

jest.setTimeout(120_000);

const N = 400;
const [a, b] = [draw(N, 1, normal), draw(N, 2, normal)];
const c = draw(N, 3, (random) => pick(random, ['u', 'v']));
/** What the signs tell whole, and the sizes do not. */
const valueAt = (a: number, b: number, c: string): number => 5 * Math.sign(a) - 2 * Math.sign(b) + (c === 'u' ? 1 : 0);
const line = (_: unknown, i: number) => {
  const [x, z] = [i % 9 === 0 ? 0 : a[i], i % 11 === 3 ? 0 : b[i]];
  return `${x === 0 ? '' : x},${z},${c[i]},${valueAt(x, z, c[i])}`;
};

const at = withExtensions(openTestDatabase(), {
  extensions: ['signs'],
  csv: `a,b,c,y\n${a.map(line).join('\n')}\n`,
});

const STEPS = [
  { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'y', task: 'regression' } },
  { id: 'train', kind: 'TRAIN', parameters: { family: 'signs', parameters: { epochs: 200 } } },
];

test('the family that names it is one of the API, for the tasks that it does', async () => {
  const { families } = await at.outside.client.run<any>('{ families { name title tasks } }');
  const [signs, linear] = ['signs', 'linear'].map((name) => families.find((family: any) => family.name === name));
  expect(signs).toEqual({ name: 'signs', title: 'Weighted signs', tasks: linear.tasks });
});

test('it reads the columns of a training, of requests and of a file that is exported', async () => {
  const { metrics, modelVersionId, modelVersion } = await at.outside.trained(STEPS);
  expect(metrics.r2.value).toBeGreaterThan(0.99);
  expect(modelVersion!.card).toMatchObject({ family: 'signs', inputs: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });

  const rows = [
    { a: 8, b: 1e-3, c: 'u' },
    { a: 0.001, b: 7, c: 'u' },
    { a: -3, b: -3, c: 'v' },
    { b: 2, c: 'u' },
  ];
  const values = (await at.outside.predict(modelVersionId, 'signs', { rows })).map(Number);
  expect(values[1]).toBe(values[0]);
  rows.forEach(({ a: x = 0, b: z, c: text }, i) => expect(values[i]).toBeCloseTo(valueAt(x, z, text), 0));
  const columns = { a: rows.map((row) => row.a ?? NaN), b: rows.map((row) => row.b), c: rows.map((row) => row.c) };
  const answers = await at.outside.answers(modelVersionId, columns);
  answers.forEach((answer, i) => expect(answer).toBeCloseTo(values[i], 5));
});
