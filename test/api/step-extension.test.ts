/** Kinds of steps from outside the product, one of each stage: in the API, stored, trained in their thread, deployed and exported. */
import { requestOf } from '../../src/engine';
import { draw, normal, pick } from '../engine/tables';
import { openTestDatabase } from '../support';
import { withExtensions } from './extensions.fixture';

jest.setTimeout(120_000);

const N = 600;
const heat = draw(N, 1, normal);
const machine = draw(N, 2, (random) => pick(random, ['a', 'b', 'c']));
const before = new Map<string, number>();
/** Of the row before of the same machine. */
const earlier = heat.map((value, i) => {
  const last = before.get(machine[i]) ?? NaN;
  before.set(machine[i], value);
  return last;
});
/** Three times the size of the rise, which no line through columns of the row tells. */
const wearAt = (rise: number): number => 3 * Math.abs(rise);
const line = (value: number, i: number) => `${machine[i]},${i},${value},${wearAt(value - earlier[i]) || 0}`;

const at = withExtensions(openTestDatabase(), {
  extensions: ['magnitude', 'stages'],
  csv: `machine,day,heat,wear\n${heat.map(line).join('\n')}\n`,
});

const HISTORY = { key: 'machine', order: 'day' };
const step = (kind: string, parameters: object = {}) => ({ id: kind.toLowerCase(), kind, parameters });
const COLUMNS = step('SELECT_COLUMNS', { target: 'wear', drop: ['heat'], task: 'regression' });
const MAGNITUDE = step('MAGNITUDE', { columns: { names: ['heat_rise'] } });

test('they are kinds of the API, with their parameters, each at the place of its stage', async () => {
  const { stepKinds, __type } = await at.outside.client.run<any>(`{ stepKinds { kind title parameterSchema }
    __type(name: "StepKind") { enumValues { name description } } }`);
  const kinds = stepKinds.map(({ kind }: any) => kind);
  expect(['RISE', 'FILTER', 'EVERY', 'SPLIT', 'MAGNITUDE', 'ENCODE', 'LINE', 'TRAIN']).toEqual(
    kinds.filter((kind: string) =>
      ['RISE', 'FILTER', 'EVERY', 'SPLIT', 'MAGNITUDE', 'ENCODE', 'LINE', 'TRAIN'].includes(kind),
    ),
  );
  const entry = stepKinds.find(({ kind }: any) => kind === 'MAGNITUDE');
  expect(entry).toMatchObject({ title: 'Magnitude', parameterSchema: { properties: { times: { type: 'number' } } } });
  expect(__type.enumValues).toContainEqual({ name: 'MAGNITUDE', description: 'Takes the sign of numbers away.' });
  expect(__type.enumValues).toContainEqual({ name: 'LINE', description: 'Fits a line.' });
});

test('they are stored with their defaults, trained, deployed and exported', async () => {
  const steps = [
    COLUMNS,
    step('RISE', { ...HISTORY, column: 'heat' }),
    step('EVERY', { nth: 2 }),
    step('SPLIT', { kind: 'time', column: 'day' }),
    MAGNITUDE,
    step('LINE'),
  ];
  const stored = (await at.outside.create(steps)).currentVersion.steps;
  expect(stored[4].parameters).toEqual({ columns: { names: ['heat_rise'] }, times: 1 });
  expect(stored[5].parameters).toEqual({ epochs: 60 });

  const { id, metrics, modelVersionId, modelVersion } = await at.outside.trained(steps);
  expect(metrics.r2.value).toBeGreaterThan(0.95);
  expect(modelVersion!.card).toMatchObject({ family: 'linear', inputs: [{ name: 'heat_rise' }] });
  const { run } = await at.outside.client.run<any>(
    'query ($id: ID!) { run(id: $id) { stepRows { stepId rowsIn rowsOut } } }',
    { id },
  );
  expect(run.stepRows).toContainEqual({ stepId: 'every', rowsIn: N, rowsOut: N / 2 });

  const rises = [1.5, -1.5, 0.25];
  const entities = rises.map((rise, i) => ({
    key: `m${i}`,
    rows: [
      { day: 1, heat: 2 },
      { day: 2, heat: 2 + rise },
    ],
  }));
  const values = (await at.outside.predict(modelVersionId, 'wear', { entities })).map(Number);
  rises.forEach((rise, i) => expect(Math.abs(values[i] - wearAt(rise))).toBeLessThan(0.3));
  expect(values[1]).toBe(values[0]);
  const answers = await at.outside.answers(modelVersionId, { heat_rise: rises });
  answers.forEach((answer, i) => expect(answer).toBeCloseTo(values[i], 4));
});

test('what they refuse is told at their place, and two that learn are one too many', async () => {
  const refused = (steps: object[]) => expect(at.outside.train(steps)).rejects;
  await refused([COLUMNS, step('EVERY', { nth: 1000 })]).toMatchObject({
    issues: [{ path: 'steps[1].parameters.nth', message: 'leaves too little' }],
  });
  await refused([COLUMNS, step('RISE', { ...HISTORY, column: 'machine' })]).toMatchObject({
    issues: [{ path: 'steps[1].parameters.column', message: 'column "machine" holds texts' }],
  });
  await refused([COLUMNS, step('LINE', { epochs: 0 })]).toMatchObject({
    issues: [{ path: 'steps[1].parameters.epochs' }],
  });
  await refused([COLUMNS, step('LINE'), step('TRAIN')]).toMatchObject({
    issues: [{ path: 'steps[2].kind', message: 'TRAIN learns, as steps[1] does' }],
  });
});

test('a pipeline that says nothing of learning does what it does where there are none from outside', () => {
  const columns = { ...COLUMNS, parameters: { target: 'wear', drop: [], task: null } };
  expect(requestOf([columns])).toMatchObject({
    estimator: { family: 'auto', parameters: {} },
    split: { kind: 'random' },
  });
});
