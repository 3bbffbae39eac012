import 'reflect-metadata';
import { UnusualInputPolicy } from '../../src/deployments';
import type { ModelCard } from '../../src/engine';
import { toGlobalId, type PraxisError, type TenantContext } from '../../src/kernel';
import { InputNotes } from '../../src/predictions/notes/input.notes';
import { SUM_CARD, sumModel } from '../compute/serving-models';
import formerRecommender from '../engine/fixtures/former-recommender.json';
import { openTestDatabase } from '../support';
import { SERVING_ENTITIES, ServingFixture } from './serving.fixture';

const readingOf = (inputs: ModelCard['inputs']) => ({ family: 'mlp', parameters: {}, inputs });

describe('input that the model has not seen', () => {
  const database = openTestDatabase({ entities: SERVING_ENTITIES });
  let serving: ServingFixture;
  let acme: TenantContext;
  const NOTE = 'kind column message given minimum maximum levels';
  const WITH_NOTES = `mutation ($deployment: String!, $rows: [JSONObject!], $columns: JSONObject) {
    predict(input: { deployment: $deployment, rows: $rows, columns: $columns }) {
      values noteCount notes { row noteCount notes { kind column } } predictions { id noteCount notes { ${NOTE} } } } }`;
  const [a, b, colour] = SUM_CARD.inputs;
  const card: ModelCard = {
    ...SUM_CARD,
    inputs: [
      { ...a, minimum: 0.1, maximum: 77, fill: 51.25, missingFraction: 0 },
      { ...b, minimum: -1, maximum: 1, fill: 0, missingFraction: 0.25 },
      { ...colour, levels: ['red', 'green'], missingFraction: 0 },
    ],
  };
  const older: ModelCard = { ...SUM_CARD, inputs: [{ ...a, minimum: 0, maximum: 1, fill: 0.5 }, b, colour] };
  const usual = { a: 1, b: 0, colour: 'red' };
  interface Noted {
    values: string[];
    noteCount: number;
    notes: { row: number; noteCount: number; notes: { kind: string; column: string }[] }[];
    predictions: { id: string; noteCount: number; notes: Record<string, unknown>[] }[];
  }
  const ask = async (deployment: string, row: object): Promise<Noted> =>
    (await serving.run<{ predict: Noted }>(acme, WITH_NOTES, { deployment, ...row })).predict;
  beforeAll(async () => {
    serving = await ServingFixture.open(database);
    acme = await database.createTenant('Acme');
    const modelVersionId = await serving.addModel(acme, sumModel(), card);
    const deploy = (name: string, onUnusualInput?: UnusualInputPolicy) =>
      serving.deployments.deploy(acme, { name, modelVersionId, onUnusualInput });
    await deploy('noting');
    await deploy('silent-about', UnusualInputPolicy.ANSWER);
    await deploy('strict', UnusualInputPolicy.REFUSE);
    const old = await serving.addModel(acme, sumModel(), older);
    await serving.deployments.deploy(acme, { name: 'older', modelVersionId: old });
  });

  test('is noted, row by row, and is found again with the recorded prediction', async () => {
    const rows = [usual, { a: 500, b: null, colour: 'purple' }, { ...usual, a: 0.1 }, {}];
    const { values: answers, noteCount, notes, predictions } = await ask('noting', { rows });
    expect(answers).toHaveLength(4);
    expect(noteCount).toBe(6);
    expect(predictions.map((row) => row.noteCount)).toEqual([0, 3, 0, 3]);
    expect(predictions[1].notes).toEqual([
      {
        ...{ kind: 'OUTSIDE_RANGE', column: 'a', given: '500', minimum: 0.1, maximum: 77, levels: null },
        message: '500 is outside 0.1 to 77, the range in training',
      },
      {
        ...{ kind: 'MISSING', column: 'b', given: null, minimum: -1, maximum: 1, levels: null },
        message: 'is missing, as in 25 % of the training rows; the model fills in 0',
      },
      {
        ...{ kind: 'UNSEEN', column: 'colour', given: 'purple', minimum: null, maximum: null },
        levels: ['red', 'green'],
        message: '"purple" is not known to the model: in training it did not occur, or too rarely',
      },
    ]);
    expect(predictions[3].notes[0].message).toBe(
      'is missing, which it never was in training; the model fills in 51.25',
    );
    expect(notes.map(({ row, noteCount: count }) => [row, count])).toEqual([
      [1, 3],
      [3, 3],
    ]);
    const READ_NOTES = `query ($id: ID!) { prediction(id: $id) { notes { ${NOTE} } } }`;
    for (const { id, notes: told } of predictions) {
      expect(await serving.run(acme, READ_NOTES, { id })).toEqual({ prediction: { notes: told } });
    }
    const columns = { a: [1, 500, 0.1, null], b: [0, null, 0, null], colour: ['red', 'purple', 'red', ''] };
    expect((await ask('noting', { columns })).notes).toEqual(notes);
  });

  test('of a column that was left out is refused without the reason, which may quote the data', async () => {
    const leftOut = [{ column: 'patient', reason: 'It is an identifier … row 12 "Jane Roe".' }];
    const modelVersionId = await serving.addModel(acme, sumModel(), { ...card, leftOut });
    await serving.deployments.deploy(acme, { name: 'leaves-out', modelVersionId });
    const refused: PraxisError = await ask('leaves-out', { rows: [{ ...usual, patient: 'x' }] }).then(
      () => Promise.reject(new Error('was not refused')),
      (thrown) => thrown,
    );
    expect(refused.issues).toMatchObject([{ path: 'rows[0].patient', hint: expect.stringContaining('leave it out') }]);
    expect(JSON.stringify([refused.message, refused.issues])).not.toContain('Jane');
  });

  test('shows in words what cannot be seen, within its bounds', () => {
    const inputs = [{ ...colour, levels: ['New York'] }];
    const told = (text: string) => new InputNotes(readingOf(inputs)).ofRow([text])[0];
    expect(told('New\u200bYork')).toMatchObject({
      given: 'New\u200bYork',
      message: expect.stringMatching(/^"New\\u200bYork" is not known/),
    });
    expect(told('\u200b\u0001'.repeat(40)).message.length).toBeLessThan(300);
  });

  test('is told from what training saw too rarely to tell it apart, which is answered also under REFUSE', async () => {
    const rareLevels = { count: 2, largestShare: 0.00412, texts: ['mauve', 'teal'] };
    const inputs = [card.inputs[0], card.inputs[1], { ...card.inputs[2], rareLevels }];
    const modelVersionId = await serving.addModel(acme, sumModel(), { ...card, inputs });
    await serving.deployments.deploy(acme, { name: 'knows-rare', modelVersionId });
    const rows = ['red', 'teal', 'purple'].map((shade) => ({ ...usual, colour: shade }));
    const { predictions } = await ask('knows-rare', { rows });
    expect(predictions.map(({ notes }) => notes.map(({ kind, message }) => [kind, message]))).toEqual([
      [],
      [
        [
          'RARE',
          '"teal" is rare: in training at most 0.41 % of the rows had it, too few for the model to tell it from other rare texts',
        ],
      ],
      [['UNSEEN', '"purple" is not known to the model: in training it did not occur']],
    ]);
    const READ = 'query ($id: ID!) { prediction(id: $id) { notes { kind } } }';
    expect(await serving.run(acme, READ, { id: predictions[1].id })).toEqual({
      prediction: { notes: [{ kind: 'RARE' }] },
    });
    const strict = { name: 'strict-rare', modelVersionId, onUnusualInput: UnusualInputPolicy.REFUSE };
    await serving.deployments.deploy(acme, strict);
    expect((await ask('strict-rare', { rows: rows.slice(0, 2) })).noteCount).toBe(1);
    const issues = [{ path: 'rows[2].colour', message: expect.stringContaining('did not occur') }];
    await expect(ask('strict-rare', { rows })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues });
  });

  test('is noted as far as an older model version knows', async () => {
    const { predictions } = await ask('older', { rows: [{ a: 3, b: 1e9, colour: 'purple' }, {}] });
    expect(predictions[0].notes).toEqual([expect.objectContaining({ kind: 'OUTSIDE_RANGE', column: 'a' })]);
    expect(predictions[1].notes.map(({ message }) => message)).toEqual([
      'is missing; the model fills in 0.5',
      'is missing',
      'is missing',
    ]);
  });

  test('of ids is what a version does not know, also one made before there were vocabularies', async () => {
    const { card: former, model } = formerRecommender;
    const bytes = Uint8Array.from(Buffer.from(model, 'base64'));
    const known = (former as unknown as ModelCard).inputs.map((input, vocabulary) => ({ ...input, vocabulary }));
    const vocabularies = [
      { count: 2, ids: ['3', '5'] },
      { count: 2, ids: ['2', '4'] },
    ];
    const cards = {
      former: former as unknown as ModelCard,
      known: { ...former, inputs: known, vocabularies } as unknown as ModelCard,
    };
    for (const [name, card] of Object.entries(cards)) {
      const modelVersionId = await serving.addModel(acme, bytes, card);
      await serving.deployments.deploy(acme, { name, modelVersionId });
    }
    const rows = [
      { user: 3, item: 4 },
      { user: 6, item: 4 },
      { user: 2, item: 2 },
    ];
    const toldBy = async (deployment: string) =>
      (await ask(deployment, { rows })).predictions.map(({ notes }) =>
        notes.map(({ kind, column, message }) => [kind, column, message]),
      );
    expect(await toldBy('former')).toEqual([
      [],
      [
        [
          'UNSEEN',
          'user',
          expect.stringMatching(/^6 is none of the ids 0 to 5 that this version of the model knows: it reads it as 0/),
        ],
      ],
      [],
    ]);
    const unseen = (id: number) => [
      ['UNSEEN', 'user', `${id} is an id that training did not see, or too rarely; the mean of all ids answers for it`],
    ];
    expect(await toldBy('known')).toEqual([[], unseen(6), unseen(2)]);
  });

  test('is listed within bounds, the most telling first, and counted', async () => {
    const inputs = Array.from({ length: 50 }, (_, i) => ({ ...a, name: `x${i}`, minimum: 0, maximum: 1, fill: 0 }));
    const notes = new InputNotes(readingOf(inputs));
    const row = inputs.map((_, i) => (i === 40 ? 1e30 : undefined));
    const listed = notes.ofRow(row);
    expect([listed.length, listed[0].column, listed[0].kind]).toEqual([20, 'x40', 'OUTSIDE_RANGE']);
    const taken = notes.take(Array(50).fill(undefined), 100);
    expect([taken.count, taken.counts[99], taken.byRow.size]).toEqual([5000, 50, 50]);
    const tall = [{ ...colour, levels: ['x'.repeat(4096)] }];
    const long = new InputNotes(readingOf(tall)).ofRow(['y'.repeat(4096)]);
    expect(JSON.stringify(long).length).toBeLessThan(500);
  });

  test('is told to the digit where the model takes 64-bit floats, and as 32-bit floats where those were read', () => {
    const [minimum, maximum] = [1_715_940_000, 1_715_940_120];
    const time = { ...a, elementType: 'float64' as const, minimum, maximum, fill: 1_715_940_061, missingFraction: 0 };
    const kinds = (input: typeof a, ...values: (number | null)[]) =>
      values.map((value) => new InputNotes(readingOf([input])).ofRow([value])[0]?.kind ?? null);
    expect(kinds(time, minimum, maximum, minimum - 1, maximum + 0.001)).toEqual([
      ...[null, null],
      ...['OUTSIDE_RANGE', 'OUTSIDE_RANGE'],
    ]);
    expect(new InputNotes(readingOf([time])).ofRow([null])[0].message).toContain('the model fills in 1715940061');
    const single = { ...time, minimum: Math.fround(0.1), maximum: Math.fround(0.7) };
    expect(kinds(single, 0.1, 0.7, 0.0999, 0.7001)).toEqual([null, null, 'OUTSIDE_RANGE', 'OUTSIDE_RANGE']);
    expect(kinds({ ...time, elementType: undefined }, minimum - 1)).toEqual([null]);
  });

  test('is answered without a word where the deployment says so', async () => {
    const { values: answers, noteCount, notes, predictions } = await ask('silent-about', { rows: [{ a: 500 }] });
    expect([answers.length, noteCount, notes, predictions[0].notes]).toEqual([1, 0, [], []]);
  });

  test('is refused where the deployment says so, and nothing of the request is predicted', async () => {
    const rows = [usual, { ...usual, a: 500 }, { ...usual, colour: 'purple' }, { ...usual, colour: null }, {}];
    const refused = { code: 'VALIDATION_FAILED', message: expect.stringContaining('4 of 5 rows') };
    await expect(ask('strict', { rows })).rejects.toMatchObject({
      ...refused,
      issues: [
        { path: 'rows[1].a', message: '500 is outside 0.1 to 77, the range in training', hint: expect.any(String) },
        { path: 'rows[2].colour', message: expect.stringContaining('"purple" is not known') },
        { path: 'rows[3].colour', message: expect.stringContaining('never was') },
        { path: 'rows[4].a' },
        { path: 'rows[4].b' },
        { path: 'rows[4].colour' },
      ],
    });
    const columns = { a: [1, -5], b: [0, 0], colour: ['red', 'red'] };
    const issues = [{ path: 'columns.a[1]', message: expect.stringContaining('-5 is outside') }];
    await expect(ask('strict', { columns })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues });
    const many = Array.from({ length: 10_000 }, () => ({ a: -1, b: -2 }));
    const error: PraxisError = await ask('strict', { rows: many }).then(
      () => Promise.reject(new Error('was not refused')),
      (thrown) => thrown,
    );
    expect([error.issues.length, error.message]).toEqual([20, expect.stringContaining('10000 of 10000 rows')]);
    // Of each row two numbers out of range and a colour that is missing.
    expect(error.faultCount).toBe(30_000);
    // What was missing in training too is noted.
    const { noteCount, values: answers } = await ask('strict', { rows: [{ a: 1, colour: 'green' }] });
    expect([noteCount, answers]).toEqual([1, ['NaN']]);
  });

  test('is met as the deployment was last told', async () => {
    const { id } = await serving.deployments.get(acme, 'noting');
    const update = `mutation ($input: UpdateDeploymentInput!) {
      updateDeployment(input: $input) { deployment { inputPolicy onUnusualInput recordFraction } } }`;
    const input = { deploymentId: toGlobalId('Deployment', id), inputPolicy: 'REFUSE' };
    expect(await serving.run(acme, update, { input })).toEqual({
      updateDeployment: { deployment: { inputPolicy: 'REFUSE', onUnusualInput: 'REFUSE', recordFraction: 1 } },
    });
    const former = { deploymentId: input.deploymentId, onUnusualInput: 'NOTE' };
    const both = serving.run(acme, update, { input: { ...input, ...former } });
    await expect(both).rejects.toThrow('input.onUnusualInput: is NOTE, and inputPolicy REFUSE');
    expect(await serving.run(acme, update, { input: former })).toMatchObject({
      updateDeployment: { deployment: { inputPolicy: 'NOTE' } },
    });
    await serving.run(acme, update, { input });
    await expect(ask('noting', { rows: [{}] })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const { modelVersionId } = await serving.deployments.get(acme, 'noting');
    const moved = await serving.deployments.deploy(acme, { name: 'noting', modelVersionId });
    expect(moved.onUnusualInput).toBe('REFUSE');
    const back = { name: 'noting', modelVersionId, onUnusualInput: UnusualInputPolicy.NOTE };
    expect((await serving.deployments.deploy(acme, back)).onUnusualInput).toBe('NOTE');
  });
});
