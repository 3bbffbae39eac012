/** What steps leave, and what they make, is said where it is odd: in the log, and in refusals, by rows as the table has them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestOf, type PipelineStep } from '../../src/engine';
import { train } from '../../src/engine/run';
import { EngineError, type Table, type TrainRequest } from '../../src/engine/types';
import { draw, normal, pick, table } from './tables';
import { sourceOf } from './support/table-source';
import { recorder } from './support/train-port';

const N = 600;
const heat = draw(N, 1, normal);
const output = draw(N, 4, (r, i) => 10 + 3 * heat[i] + 0.1 * normal(r));
const data = table({
  heat,
  site: draw(N, 2, (r) => pick(r, ['north', 'south', 'n/a'])),
  load: draw(N, 3, normal),
  number: Array.from({ length: N }, (_, i) => i % 90),
  output,
});

const step = (id: string, kind: string, parameters: Record<string, unknown>): PipelineStep => ({
  id,
  kind,
  parameters,
});
const filter = (where: string, parts?: string[]) => step('few', 'FILTER', { where, ...(parts && { parts }) });
const derive = (expression: string) => step('make', 'DERIVE', { column: 'made', expression });

async function linesOf(steps: PipelineStep[], data: Table, target = 'output', streamed = false): Promise<string[]> {
  const request = requestOf(
    [
      step('columns', 'SELECT_COLUMNS', { target, drop: [], task: null }),
      ...steps,
      step('train', 'TRAIN', { family: 'auto', parameters: {} }),
    ],
    [],
  );
  const scratch = mkdtempSync(join(tmpdir(), 'praxis-notes-'));
  const { events, port } = recorder();
  const where = streamed ? { source: sourceOf(data), bytesMax: 20_000, scratch } : { table: data };
  const estimator = { family: 'linear', parameters: { epochs: 1 } };
  try {
    await train({ ...request, estimator, seed: 3, resume: null, ...where } as TrainRequest, port, { threads: 1 });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
}

async function refusal(steps: PipelineStep[], data: Table, target?: string, streamed?: boolean): Promise<EngineError> {
  const error: unknown = await linesOf(steps, data, target, streamed).catch((reason: unknown) => reason);
  if (error instanceof EngineError) return error;
  throw new Error(`Nothing was refused: ${String(error)}`);
}

describe.each([
  ['in memory', false],
  ['in parts', true],
])('%s', (_, streamed) => {
  test.each([
    ['missing everywhere', derive('heat / 0'), 'Column "made", as steps make it: Every value is missing.'],
    ['of one value', derive('heat * 0'), 'Column "made", as steps make it: Every row has the same value, 0.'],
    ['as text of one value', derive('if(heat > 99, "hot", "cold")'), 'Every row has the same value, "cold".'],
    ['clipped to one value', step('far', 'CLIP', { columns: { names: ['heat'] }, lower: 99 }), 'the same value, 99.'],
    [
      'whose bounds are the wrong way round',
      step('far', 'CLIP', { columns: { names: ['heat'] }, lower: 99, upperQuantile: 0.5 }),
      'Step "far" (CLIP) has a lower bound above the upper one in "heat"',
    ],
    ['texts that are not there', step('gone', 'REPLACE', { values: ['N/A'] }), 'finds none of its values'],
    ['numbers that are not there', step('gone', 'REPLACE', { values: [-999] }), 'Step "gone" (REPLACE) finds none'],
  ])('a step is told of that makes a column %s', async (_case, column, message) => {
    expect((await linesOf([column], data, 'output', streamed)).join('\n')).toContain(message);
  });

  test('a column that repeats the target is told of when steps make it', async () => {
    const parts = table({ a: heat, b: draw(N, 9, normal), total: heat.map((x, i) => x + draw(N, 9, normal)[i]) });
    const lines = await linesOf([derive('a + b')], parts, 'total', streamed);
    expect(lines.join('\n')).toContain('Column "made", as steps make it: It repeats the target');
  });

  test('a step that has something to do is not told of', async () => {
    const steps = [derive('heat / load'), step('gone', 'REPLACE', { values: ['n/a'] })];
    expect((await linesOf(steps, data, 'output', streamed)).join('\n')).not.toMatch(/as steps make it|finds none/);
  });

  test('a filter on the target is told of, with how many rows it keeps from the scores', async () => {
    const cold = output.filter((y) => y <= 9).length;
    const told = `Step "few" (FILTER) takes out ${cold} rows by the target`;
    expect((await linesOf([filter('output > 9')], data, 'output', streamed)).join('\n')).toContain(told);
    const quiet = [filter('output > 9', ['train']), filter('not isMissing(output)'), filter('heat > 0')];
    for (const one of quiet) {
      expect((await linesOf([one], data, 'output', streamed)).join('\n')).not.toContain('by the target');
    }
    const tested = await linesOf([filter('output > 9', ['test'])], data, 'output', streamed);
    expect(tested.join('\n')).toMatch(/takes out \d+ rows by the target/);
  });

  test('a refusal of what is left names the steps that left it', async () => {
    const few = await refusal([filter('heat > 2.5')], data, 'output', streamed);
    expect(few.message).toMatch(/training takes at least 20\. Step "few" left \d+ of 600 rows\.$/);
    expect(few.hint).toContain('change what the step asks of a row');
    const same = await refusal([filter('site = "north"')], data, 'site', streamed);
    expect(same.message).toMatch(/same value in every row.* Step "few" left \d+ of 600 rows\.$/);
    const part = await refusal([filter('site = "north"', ['train'])], data, 'site', streamed);
    expect(part).toMatchObject({ path: 'steps.few', hint: expect.stringContaining('Change what it asks of a row') });
  });

  test('rows are named as the table has them, whatever steps took out before', async () => {
    const at = 500;
    const gap = <T>(values: T[]) => values.map((value, i) => (i === at ? null : value));
    const first = data.columns[0] as { values: Float64Array };
    const sites = Array.from({ length: N }, (_unused, i) => `s${i % 9}`);
    const rows = table({ heat: [...first.values], group: gap(sites), word: sites, output: gap(output) });
    const late = filter(`heat > -0.5 or heat = ${first.values[at]}`);
    const lines = await linesOf([late], rows, 'output', streamed);
    expect(lines.join('\n')).toContain(`is not used: row ${at + 1}`);
    const filled = { ...rows, columns: rows.columns.map((c) => (c.name === 'output' ? data.columns[4] : c)) };
    const group = await refusal(
      [late, step('parts', 'SPLIT', { kind: 'group', column: 'group' })],
      filled,
      'output',
      streamed,
    );
    expect(group.message).toContain(`is missing in row ${at + 1}.`);
    const kept = first.values.findIndex((value) => value > -0.5 || value === first.values[at]);
    const words = await refusal(
      [late, step('parts', 'SPLIT', { kind: 'column', column: 'word' })],
      filled,
      'output',
      streamed,
    );
    expect(words.message).toContain(`in row ${kept + 1}.`);
  });
});
