/** Features of the calendar against those of JavaScript's dates, in the encoded rows and in the file that is deployed. */
import { planColumns } from '../../src/engine/columns';
import { openModel, train } from '../../src/engine/run';
import { requestOf, type PipelineStep } from '../../src/engine';
import { ColumnRunner } from '../../src/engine/executors/column-runner';
import { calendar } from '../../src/engine/steps/columns/calendar';
import type { ColumnTraits, NumberColumn, NumbersOutput } from '../../src/engine/types';
import { draw, normal, table } from './tables';
import { recorder } from './support/train-port';

const TIMESTAMP: ColumnTraits = { type: 'TIMESTAMP', role: 'FEATURE' };
const DATE: ColumnTraits = { type: 'DATE', role: 'FEATURE' };
const DAY = 86_400_000;

const TIMES = [
  '2012-12-31T05:00:00Z',
  '2012-02-29T23:59:59.999Z',
  '2013-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '1969-12-31T18:30:00Z',
  '1900-03-01T12:00:00Z',
  '2000-02-29T06:00:00Z',
  '1752-09-14T01:02:03Z',
  '2400-12-31T00:00:00Z',
];

/** In words of JavaScript's calendar. */
function expected(text: string): number[] {
  const time = new Date(text);
  const year = time.getUTCFullYear();
  const midnight = Date.UTC(year, time.getUTCMonth(), time.getUTCDate());
  const [first, next] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  const shares = [
    (time.getTime() - midnight) / DAY,
    ((time.getUTCDay() + 6) % 7) / 7,
    time.getUTCMonth() / 12,
    (midnight - first) / (next - first),
  ];
  return shares.flatMap((share) => [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)]);
}

const FEATURES = ['hour', 'weekday', 'month', 'day of year'].flatMap((of) => [`at ${of} sin`, `at ${of} cos`]);

const touched = (parameters: object, traits?: ColumnTraits, reserved?: string) => {
  const faults: string[] = [];
  const known = { columns: [{ name: 'at', kind: 'number' as const, traits, reserved }], withheld: new Map() };
  const found = calendar.columns!.touches({ elapsed: false, ...parameters }, known, (path, message) =>
    faults.push(`${path}: ${message}`),
  );
  return { names: found.writes.map(({ name }) => name), faults };
};

test('leap days, years before 1970 and the last day of a year: as JavaScript has them; what is missing stays so', async () => {
  const values = Float64Array.from([...TIMES.map((text) => Date.parse(text)), NaN]);
  const column = { kind: 'number' as const, name: 'at', values };
  const options = { elapsed: true };
  const fitted = calendar.columns!.fit!(options, [{ ...column, traits: TIMESTAMP }]);
  const outputs = [...FEATURES, 'at days since 1970'];
  const runner = await ColumnRunner.create({
    inputs: [{ name: 'at', kind: 'number' }],
    outputs: outputs.map((name) => ({ name, kind: 'number' })),
    append: (graph, columns) =>
      fitted.append(graph, {
        take: (names) => columns.take(names),
        set: (names, tensor) => columns.set(names, tensor),
      }),
  });
  const columns = await runner.run([column], values.length);
  await runner.release();
  const waves = outputs.map((name) => (columns.find((each) => each.name === name) as NumberColumn).values);
  TIMES.forEach((text, row) => {
    [...expected(text), Date.parse(text) / DAY].forEach((value, f) =>
      expect([text, outputs[f], waves[f][row]]).toEqual([text, outputs[f], expect.closeTo(value, 9)]),
    );
  });
  for (const feature of waves) expect(feature[TIMES.length]).toBeNaN();
});

test('days have no hour; what is no time is left alone, and refused by name', () => {
  expect(touched({}, TIMESTAMP).names).toEqual(FEATURES);
  expect(touched({}, DATE).names).toEqual(FEATURES.slice(2));
  expect(touched({ parts: ['month'], elapsed: true }, DATE).names).toEqual([
    ...['at month sin', 'at month cos', 'at days since 1970'],
  ]);
  expect(touched({}, { type: 'NUMBER', role: 'FEATURE' })).toEqual({ names: [], faults: [] });
  const named = { columns: { names: ['at'] } };
  expect(touched(named, { type: 'NUMBER', role: 'FEATURE' }).faults).toEqual([
    '.columns.names[0]: column "at" holds no dates or times (its type is NUMBER)',
  ]);
  expect(touched({}, TIMESTAMP, 'is read by the split').names).toEqual([]);
  expect(touched(named, TIMESTAMP, 'is read by the split').names).toEqual(FEATURES);
});

test('the time is no feature any more, and no later step changes it', () => {
  const step = (id: string, kind: string, parameters: object, after: string[]) => ({
    id,
    kind,
    parameters: { ...parameters },
    after,
  });
  const known = { columns: [{ name: 'at', kind: 'number' as const, traits: TIMESTAMP }], withheld: new Map() };
  const steps = [
    step('when', 'CALENDAR', { elapsed: false }, []),
    step('clip', 'CLIP', { columns: { names: ['at'] }, lower: 0 }, ['when']),
  ];
  const plan = planColumns(steps, known);
  expect(plan.columns.map(({ slot }) => slot.name)).toEqual(FEATURES);
  expect(plan.faults).toMatchObject([{ message: 'column "at" is replaced by what "when" makes of it' }]);
});

test('a rhythm of the day is learnt, also of a split by time, and served from the time', async () => {
  const N = 1000;
  const START = Date.parse('2011-01-01T00:00:00Z');
  const at = Array.from({ length: N }, (_, i) => START + i * 3_600_000);
  const noise = draw(N, 5, normal);
  const y = at.map((time, i) => 10 * Math.sin((2 * Math.PI * time) / DAY) + 0.5 * noise[i]);
  const step = (id: string, kind: string, parameters: Record<string, unknown>): PipelineStep => ({
    id,
    kind,
    parameters,
  });
  const request = requestOf([
    step('columns', 'SELECT_COLUMNS', { target: 'y', drop: [] }),
    step('split', 'SPLIT', { kind: 'time', column: 'at', testFraction: 0.2, validationFraction: 0.2, gap: 0 }),
    step('when', 'CALENDAR', { columns: { names: ['at'] }, elapsed: false }),
    step('train', 'TRAIN', { family: 'linear', parameters: { epochs: 60 } }),
  ]);
  const { port } = recorder();
  const traits = new Map([['at', TIMESTAMP]]);
  const result = await train({ ...request, table: table({ at, y }), traits, seed: 3, resume: null }, port);
  expect(result.evaluation.metrics.find(({ name }) => name === 'rmse')!.value).toBeLessThan(1);
  expect(result.card.inputs).toMatchObject([{ name: 'at', type: 'number' }]);
  const served = await openModel(result.model);
  const times = ['2030-06-01T06:00:00Z', '2030-06-01T18:00:00Z'].map((text) => Date.parse(text));
  const { prediction } = (await served.predict({ rowCount: 2, columns: [Float64Array.from(times)] })) as NumbersOutput;
  await served.release();
  expect(Math.abs(prediction[0] - 10)).toBeLessThan(1.5);
  expect(Math.abs(prediction[1] + 10)).toBeLessThan(1.5);
});
