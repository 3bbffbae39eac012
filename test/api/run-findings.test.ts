import type { Finding } from '../../src/datasets/ingest/finding';
import { columnRemarks, explained } from '../../src/runs/work/run.findings';
import { withSelections } from './selections.fixture';

const RUN = `query ($id: ID!) { run(id: $id) { state error { code message path hint } leftOut { column reason }
  findings { code severity column row message fix count } } }`;

const ROWS = 200;

/** A number with one odd value, a text that was meant to be numbers, a target of two readings, a class with a word for missing. */
const CSV = [
  'x,mostly,rent,lot,class',
  ...Array.from({ length: ROWS }, (_, i) => {
    const x = i === 61 ? 'broken' : (i * 37) % 101;
    const mostly = i % 9 === 4 ? `see ${i}` : i * 3;
    const rent = `"${1 + (i % 7)},${String(100 + i).padStart(3, '0')}"`;
    const kind = i % 10 === 3 ? 'n.a.' : String(i % 2);
    return [x, mostly, rent, i % 3 ? 'up' : 'down', kind].join(',');
  }),
].join('\n');

describe('what was found in the data of a run', () => {
  const { train } = withSelections(`${CSV}\n`, { query: RUN, epochs: 5 });

  test('is on the run and in its log, once, but for columns that are dropped', async () => {
    const { run, log } = await train({ target: 'lot', drop: ['mostly'] });
    const { state, findings } = run;
    expect(state).toBe('SUCCEEDED');
    const odd = findings.find(({ column }: any) => column === 'x');
    expect(odd).toMatchObject({ code: 'MIXED_TYPES', severity: 'WARNING', row: 62, count: 1 });
    expect(findings.map(({ column }: any) => column)).not.toContain('mostly');
    const severities = findings.map(({ severity }: any) => severity);
    expect(severities).toEqual(severities.toSorted().toReversed());
    expect(log.filter(({ message }) => message!.startsWith(odd.message))).toEqual([
      { __typename: 'LogLine', level: 'WARN', message: `${odd.message} ${odd.fix}`, finding: 'MIXED_TYPES' },
    ]);
    expect(log.filter(({ message }) => message!.includes('"mostly" is'))).toEqual([]);
  });

  test('is the reason why a column is left out, with the first row', async () => {
    const { run, log } = await train({ target: 'lot' });
    const { reason } = run.leftOut.find(({ column }: any) => column === 'mostly');
    expect(reason).toMatch(/different value.*mostly numbers, but 22 values are text: row 5 "see 4"/);
    expect(log.map(({ message }) => message)).toContain(`Left out "mostly": ${reason}`);
  });

  test('is in the refusal of a run that would fail for it', async () => {
    const { code, issues } = await train({ target: 'rent' }).catch((error) => error);
    expect([code, issues]).toEqual([
      'VALIDATION_FAILED',
      [expect.objectContaining({ path: 'steps[0].parameters.target' })],
    ]);
    const [{ message, hint }] = issues;
    expect(message).toMatch(
      /^"rent" has 200 different values in 200 rows, too many to be classes: at most 200, each in 2/,
    );
    expect(hint).toMatch(/"rent": 200 values such as "1,100" in row 1 may be read in two ways.*Otherwise: group/);
  });

  test('names the words for missing of a target, and the first row that is not used', async () => {
    const { log } = await train({ target: 'class' });
    const messages = log.map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringMatching(/"class": "n\.a\." \(20\) read as missing/));
    expect(messages).toContain('20 rows without a value for "class" are not used; the first is row 4.');
  });
});

test('a row of units below the header is the reason of every column that it makes text', () => {
  const units: Finding = {
    ...{ code: 'UNITS_ROW', severity: 'WARNING', column: null, columns: ['x', 'y'], row: 1, count: 2 },
    ...{ message: 'Row 1 looks like units.', fix: 'Remove it.' },
  };
  const found = { findings: [units] };
  expect([...columnRemarks(found)]).toEqual([
    ['x', units.message],
    ['y', units.message],
  ]);
  const fault = { path: 'steps[0].parameters.target', hint: 'Group its values.' };
  expect(explained(fault, found, { target: 'y', drop: [] }).hint).toContain(units.message);
  expect(explained(fault, found, { target: 'z', drop: [] })).toBe(fault);
});
