import { parseGlobalId } from '../../src/kernel';
import { withSelections } from './selections.fixture';

const JUDGED = `query ($id: ID!) { run(id: $id) { state error { message path hint }
  evaluation { metrics { name value baseline { value lower upper } } undefinedMetrics { name target reason } }
  modelVersion { card { labels warnings { code message } } } } }`;

/** A number, a label drawn without regard to it, and a class of which two rows of 400 are. */
const CSV = [
  'x,lot,failure',
  ...Array.from({ length: 400 }, (_, i) => {
    const lot = (i * 7919) % 13 < 7 ? 'up' : 'down';
    return `${(i * 37) % 101},${lot},${i === 9 || i === 77 ? 'yes' : 'no'}`;
  }),
].join('\n');

describe('what the evaluation of a run warns of', () => {
  const { testDatabase, train, read } = withSelections(`${CSV}\n`, { query: JUDGED, epochs: 5 });
  const warned = (log: { level?: string; message?: string }[]) =>
    log.flatMap(({ level, message }) => (level === 'WARN' ? [message] : []));

  test('a model that guesses: in the log and in the card, with the figures of the baseline', async () => {
    const { run, log } = await train({ target: 'lot', drop: ['failure'], positiveClass: 'up' });
    expect(run.modelVersion.card.labels).toEqual(['down', 'up']);
    const [warning] = run.modelVersion.card.warnings;
    expect(warning).toMatchObject({ code: 'NO_BETTER_THAN_BASELINE', message: expect.stringContaining('rocAuc') });
    expect(warned(log)).toContain(warning.message);
    const metric = (name: string) => run.evaluation.metrics.find((one: any) => one.name === name);
    expect(metric('rocAuc').baseline).toEqual({ value: 0.5, lower: 0.5, upper: 0.5 });
    expect(metric('logLoss').baseline.lower).toBeLessThan(metric('logLoss').baseline.value);
  });

  test('a class without a row to predict: no silent 0; runs of before answer null', async () => {
    const { id, run, log } = await train({ target: 'failure', drop: ['lot'] });
    const [precision] = run.evaluation.undefinedMetrics;
    expect(precision).toEqual({ name: 'precision', target: null, reason: expect.stringContaining('No test row is') });
    expect(run.evaluation.metrics.map(({ name }: any) => name)).not.toContain('precision');
    expect(warned(log)).toContainEqual(expect.stringContaining('Left out as undefined: precision'));

    const before = { rowCount: 1, metrics: [{ name: 'f1', value: 0, lower: null, upper: null }] };
    await testDatabase.ownerQuery('UPDATE runs SET evaluation = $2 WHERE id = $1', [parseGlobalId(id)!.uuid, before]);
    const { evaluation } = await read(id);
    expect(evaluation).toEqual({ metrics: [{ name: 'f1', value: 0, baseline: null }], undefinedMetrics: null });
  });

  test('a positive class that is no value is refused at its place in the steps', async () => {
    const { run } = await train({ target: 'lot', drop: ['failure'], positiveClass: 'left' });
    expect(run).toMatchObject({
      state: 'FAILED',
      error: { path: 'steps[0].parameters.positiveClass', message: expect.stringContaining('"left"') },
    });
  });
});
