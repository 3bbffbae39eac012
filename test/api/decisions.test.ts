/** Costs of errors and groups, as a client gives them and reads what came of them. */
import { PraxisError } from '../../src/kernel';
import { withSelections } from './selections.fixture';

const RUN = `query ($id: ID!) { run(id: $id) { state error { message }
  modelVersion { card { inputs { name } decision { threshold costs { missed falseAlarm } } } }
  evaluation { rowCount metrics { name value baseline { value } }
    groups { column value rowCount metrics { name value lower } undefinedMetrics { name reason } confusionMatrix { counts } } } } }`;

/** Who is late depends on the load; the region has nothing to do with it. */
const CSV = [
  'region,load,late',
  ...Array.from({ length: 400 }, (_, i) => {
    const load = (i * 37) % 101;
    return [i % 9 === 0 ? '' : i % 2 ? 'north' : 'south', load, load + ((i * 53) % 60) > 120 ? 'yes' : 'no'].join(',');
  }),
].join('\n');

describe('decisions and groups', () => {
  const { start: startFor, train: trainFor } = withSelections(`${CSV}\n`, { query: RUN, epochs: 20 });
  const start = (columns: object) => startFor({ target: 'late', ...columns });
  const train = (columns: object) => trainFor({ target: 'late', ...columns });
  const issues = async (act: () => Promise<unknown>): Promise<PraxisError['issues']> => {
    const error = await act().catch((thrown: unknown) => thrown);
    if (!(error instanceof PraxisError)) throw error;
    return error.issues;
  };

  test('the card tells the threshold, the evaluation what it costs, and each group its own scores', async () => {
    const costs = { missed: 9, falseAlarm: 1 };
    const { run } = await train({ drop: ['region'], errorCosts: costs, groups: ['region'] });
    expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(run.modelVersion.card).toEqual({ inputs: [{ name: 'load' }], decision: { threshold: 0.1, costs } });
    const { metrics, groups, rowCount } = run.evaluation;
    const cost = metrics.find(({ name }: any) => name === 'cost');
    expect(cost.value).toBeLessThan(cost.baseline.value);
    expect(groups.map(({ column, value }: any) => [column, value])).toEqual([
      ['region', expect.stringMatching(/north|south/)],
      ['region', expect.stringMatching(/north|south/)],
      ['region', null],
    ]);
    expect(groups.reduce((sum: number, group: any) => sum + group.rowCount, 0)).toBe(rowCount);
    for (const group of groups) {
      expect(group.confusionMatrix.counts.flat().reduce((a: number, b: number) => a + b)).toBe(group.rowCount);
      expect(group.metrics.map(({ name }: any) => name)).toContain('positiveRate');
    }
  });

  test('without them a card has no decision, and an evaluation no groups', async () => {
    const { run } = await train({});
    expect(run.modelVersion.card.decision).toBeNull();
    expect(run.evaluation.groups).toEqual([]);
  });

  test('what cannot be is refused before anything is trained, with its place', async () => {
    const path = (name: string) => `steps[0].parameters.${name}`;
    const costs = { missed: 9, falseAlarm: 1 };
    expect(await issues(() => start({ groups: ['load', 'regoin'] }))).toMatchObject([
      { path: path('groups[1]'), message: expect.stringMatching(/no column "regoin"/) },
    ]);
    expect(await issues(() => start({ groups: ['late'] }))).toMatchObject([{ path: path('groups[0]') }]);
    expect(await issues(() => start({ target: 'load', errorCosts: costs }))).toMatchObject([
      { path: path('errorCosts'), message: expect.stringMatching(/two classes/) },
    ]);
    for (const errorCosts of [{ missed: 0, falseAlarm: 1 }, { missed: 1 }, { missed: -1, falseAlarm: 1 }]) {
      const [issue] = await issues(() => start({ errorCosts }));
      expect(issue.path).toContain(path('errorCosts'));
    }
  });
});
