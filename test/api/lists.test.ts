import { auditEventList } from '../../src/audit/audit.list';
import { encodeCursor, newId, toGlobalId, type TenantContext } from '../../src/kernel';
import { addRuns, openTestApp, openTestDatabase, Operations } from '../support';

jest.setTimeout(60_000);

interface Listed {
  totalCount: number;
  edges: { cursor: string; node: { id: string; name: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/** Some alike but for case, so that ties must be broken. */
const NAMES = Array.from({ length: 12 }, (_, i) => [`Pumpe ${i % 4}`, `pumpe ${i % 4}`]).flat();
const PAGE =
  'totalCount edges { cursor node { id name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: DatasetFilter, $sort: DatasetSort) {
  datasets(first: $first, after: $after, last: $last, before: $before, filter: $filter, sort: $sort) { ${PAGE} } }`;

const database = openTestDatabase();
let operations: Operations;
let owner: TenantContext;
const datasets: { id: string; name: string; at: number }[] = [];

beforeAll(async () => {
  const { app } = await openTestApp(database);
  operations = new Operations(app.platform.database, app.schema());
  owner = await database.createTenant('Owner');
  for (const [i, name] of NAMES.entries()) {
    // Three at a time, as of one moment.
    const row = { id: newId(), name, at: Date.UTC(2026, 0, 1) + Math.floor(i / 3) * 1000 };
    datasets.push(row);
    await addDataset(owner, row);
  }
});

const addDataset = ({ tenantId }: TenantContext, { id, name, at }: { id: string; name: string; at: number }) =>
  database.ownerQuery('INSERT INTO datasets (tenant_id, id, name, format, created_at) VALUES ($1, $2, $3, $4, $5)', [
    ...[tenantId, id, name, 'CSV', new Date(at)],
  ]);

const list = async (variables: object): Promise<Listed> =>
  (await operations.run<{ datasets: Listed }>(owner, LIST, { ...variables })).datasets;

const idsOf = ({ edges }: Listed): string[] => edges.map(({ node }) => node.id);

describe('pages', () => {
  const newestFirst = () =>
    datasets.toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).map(({ id }) => toGlobalId('Dataset', id));
  const byName = () =>
    datasets
      .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .toSorted((a, b) => (a.name.toLowerCase() === b.name.toLowerCase() ? (a.id > b.id ? -1 : 1) : 0))
      .map(({ id }) => toGlobalId('Dataset', id));

  test.each([
    ['left out', null, newestFirst],
    ['newest first', { field: 'CREATED_AT', direction: 'DESC' }, newestFirst],
    ['oldest first', { field: 'CREATED_AT', direction: 'ASC' }, () => newestFirst().reverse()],
    ['by name, A to Z when the direction is left out', { field: 'NAME' }, byName],
    ['by name, Z to A', { field: 'NAME', direction: 'DESC' }, () => byName().reverse()],
  ])('show every item once, forwards and backwards: %s', async (_, sort, expected) => {
    for (const size of [1, 5, 12, 24, 100]) {
      const forwards: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const page: Listed = await list({ first: size, after, sort });
        expect(page.totalCount).toBe(24);
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
        forwards.push(...idsOf(page));
        ({ hasNextPage: more, endCursor: after } = page.pageInfo);
      }
      expect(forwards).toEqual(expected());
      const backwards: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const page: Listed = await list({ last: size, before, sort });
        expect(page.pageInfo.hasNextPage).toBe(before !== null);
        backwards.unshift(...idsOf(page));
        ({ hasPreviousPage: more, startCursor: before } = page.pageInfo);
      }
      expect(backwards).toEqual(expected());
    }
  });

  test('between two cursors', async () => {
    const all = await list({ first: 24 });
    const [after, before] = [all.edges[3].cursor, all.edges[9].cursor];
    const inside = idsOf(all).slice(4, 9);
    expect(idsOf(await list({ after, before }))).toEqual(inside);
    expect(idsOf(await list({ first: 2, after, before }))).toEqual(inside.slice(0, 2));
    expect(await list({ last: 2, after, before })).toMatchObject({
      edges: [{ node: { id: inside[3] } }, { node: { id: inside[4] } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    });
  });

  test('a cursor whose item is gone still says what is on either side', async () => {
    const gone = encodeCursor(['Dataset', 'CREATED_AT DESC', '2099-01-01T00:00:00.000000Z', newId()]);
    const page = await list({ first: 5, after: gone });
    expect(page.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
    expect((await list({ last: 5, before: gone })).pageInfo).toMatchObject({
      hasPreviousPage: false,
      hasNextPage: true,
    });
    const empty = { totalCount: 24, edges: [], pageInfo: { startCursor: null, endCursor: null } };
    const all = await list({ first: 24 });
    expect(await list({ after: all.pageInfo.endCursor })).toMatchObject(empty);
    expect(await list({ last: 3, before: all.pageInfo.startCursor })).toMatchObject(empty);
  });

  test('sizes out of bounds, and both directions at once, are refused with the place', async () => {
    const refused = [
      [{ first: 0 }, 'first'],
      [{ first: 101 }, 'first'],
      [{ last: 0 }, 'last'],
      [{ last: 101 }, 'last'],
      [{ first: 5, last: 5 }, 'last'],
    ] as const;
    for (const [variables, path] of refused) {
      await expect(list(variables)).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path }] });
    }
  });

  test('cursors of another list, of another sort, and forged ones are refused clearly', async () => {
    const { edges } = await list({ first: 1, sort: { field: 'NAME' } });
    await expect(list({ after: edges[0].cursor })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'after', message: 'is a cursor of another sort' }],
    });
    const at = '2026-01-01T00:00:00.000000Z';
    const order = 'CREATED_AT DESC';
    const forged = [
      'nonsense',
      '',
      'W10',
      'a'.repeat(10_000),
      encodeCursor(['Run', order, at, newId()]),
      encodeCursor(['Dataset', order, at, newId(), 'more']),
      encodeCursor(['Dataset', order, at]),
      encodeCursor(['Dataset', order, at, '7']),
      encodeCursor(['Dataset', order, 7, newId()]),
      encodeCursor(['Dataset', order, '2026-02-31T00:00:00.000000Z', newId()]),
      encodeCursor(['Dataset', order, '0000-01-01T00:00:00.000000Z', newId()]),
      encodeCursor(['Dataset', order, 'yesterday', newId()]),
      encodeCursor(['Dataset', 'NAME ASC', 'a\0b', newId()]),
      encodeCursor(['Dataset', 'NAME ASC', '\ud800', newId()]),
    ];
    for (const cursor of forged) {
      for (const side of ['after', 'before']) {
        await expect(
          list({ [side]: cursor, sort: cursor.includes('TkFNR') ? { field: 'NAME' } : null }),
        ).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: side }] });
      }
    }
  });

  test('totalCount is counted up to 10,000', async () => {
    const large = await database.createTenant('Large');
    await database.ownerQuery(
      `INSERT INTO datasets (tenant_id, id, name, format)
       SELECT $1, gen_random_uuid(), 'd' || i, 'CSV' FROM generate_series(1, 10050) i`,
      [large.tenantId],
    );
    const query = 'query ($filter: DatasetFilter) { datasets(first: 1, filter: $filter) { totalCount } }';
    expect(await operations.run(large, query)).toEqual({ datasets: { totalCount: 10_000 } });
    const filter = { nameContains: 'D1003' };
    expect(await operations.run(large, query, { filter })).toEqual({ datasets: { totalCount: 11 } });
  });
});

describe('filters', () => {
  test('of datasets: text in upper or lower case, times, the state of the newest upload', async () => {
    const count = async (filter: object) => (await list({ filter })).totalCount;
    expect(await count({ nameContains: 'PUMPE 2' })).toBe(6);
    expect(await count({ nameContains: '%' })).toBe(0);
    const [createdFrom, createdBefore] = ['2026-01-01T00:00:02Z', '2026-01-01T00:00:04Z'];
    expect(await count({ createdFrom, createdBefore })).toBe(6);
    expect(await count({ createdFrom, createdBefore, nameContains: 'pumpe 3' })).toBe(2);
    expect(await count({ nameContains: null })).toBe(24);
    expect(await count({ states: ['READY'] })).toBe(0);
    const name = 'With an upload';
    const create = `mutation ($name: String!) { createDataset(input: { name: $name, format: CSV }) { dataset { id } } }`;
    await operations.run(owner, create, { name });
    expect(idsOf(await list({ filter: { states: ['READY', 'WAITING'] } }))).toHaveLength(1);
  });

  test('out of bounds are refused with the place', async () => {
    const refused = [
      [{ nameContains: '' }, 'filter.nameContains'],
      [{ nameContains: 'x'.repeat(201) }, 'filter.nameContains'],
      [{ states: [] }, 'filter.states'],
      [{ states: Array(21).fill('READY') }, 'filter.states'],
    ] as const;
    for (const [filter, path] of refused) {
      await expect(list({ filter })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path }] });
    }
  });

  test('of the audit: actions and who acted, newest first, cursors to the microsecond', async () => {
    const query = `query ($first: Int, $after: String, $filter: AuditEventFilter, $action: String) {
      auditEvents(first: $first, after: $after, filter: $filter, action: $action) {
        totalCount edges { node { action } } pageInfo { hasNextPage endCursor } } }`;
    await database.ownerQuery(
      `INSERT INTO audit_events (tenant_id, request_id, action, detail, at)
       SELECT $1, 'r', 'probe.' || i % 2, '{}', '2026-01-01'::timestamptz + i * interval '1 microsecond'
       FROM generate_series(1, 20) i`,
      [owner.tenantId],
    );
    const ask = async (variables: object) =>
      (await operations.run<any>(owner, query, { ...variables })).auditEvents as Listed;
    const filter = { actions: ['probe.0', 'probe.1'] };
    const seen: number[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: Listed = await ask({ first: 3, after, filter });
      seen.push(page.edges.length);
      ({ hasNextPage: more, endCursor: after } = page.pageInfo);
    }
    expect(seen).toEqual([3, 3, 3, 3, 3, 3, 2]);
    expect((await ask({ filter: { actions: ['probe.1'] } })).totalCount).toBe(10);
    expect((await ask({ action: 'probe.1' })).totalCount).toBe(10);
    expect((await ask({ filter: { atFrom: '2026-01-01T00:00:00.000010Z', actions: ['probe.1'] } })).totalCount).toBe(
      10,
    );
    expect((await ask({ filter: { apiKeyId: toGlobalId('ApiKey', newId()) } })).totalCount).toBe(0);
    await expect(ask({ action: 'probe.1', filter })).rejects.toMatchObject({ issues: [{ path: 'action' }] });
    expect(Object.keys(auditEventList.filter)).toEqual(
      expect.arrayContaining(['actions', 'apiKeyId', 'atFrom', 'atBefore']),
    );
  });

  test('of the library: by industry, language and slug', async () => {
    await database.ownerQuery(
      `INSERT INTO cases (id, slug, industry, document, definition, content_hash)
       SELECT gen_random_uuid(), slug, industry, document::jsonb, '{}', '' FROM (VALUES
         ('pump-failure', 'MANUFACTURING', '{"en": {}, "zh": {}}'), ('heart-risk', 'MEDICINE', '{"en": {}}')) c (slug, industry, document)`,
    );
    const query = `query ($filter: CaseFilter, $industry: Industry) {
      cases(filter: $filter, industry: $industry, sort: { field: SLUG }) { edges { node { slug } } } }`;
    const slugs = async (variables: object) =>
      (await operations.run<any>(owner, query, { ...variables })).cases.edges.map(({ node }: any) => node.slug);
    expect(await slugs({})).toEqual(['heart-risk', 'pump-failure']);
    expect(await slugs({ filter: { languages: ['ZH'] } })).toEqual(['pump-failure']);
    expect(await slugs({ filter: { languages: ['EN'], slugContains: 'HEART' } })).toEqual(['heart-risk']);
    expect(await slugs({ filter: { industries: ['MEDICINE'] } })).toEqual(['heart-risk']);
    expect(await slugs({ industry: 'MEDICINE', filter: { industries: ['MEDICINE'] } })).toEqual(['heart-risk']);
    await expect(slugs({ industry: 'MEDICINE', filter: { industries: ['MANUFACTURING'] } })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});

describe('runs', () => {
  let pipelineId: string;
  let datasetId: string;
  let runs: Record<string, string>;
  const query = `query ($filter: RunFilter, $sort: RunSort, $state: RunState, $pipelineId: ID) {
    runs(filter: $filter, sort: $sort, state: $state, pipelineId: $pipelineId) { totalCount edges { node { name } } } }`;
  const names = async (variables: object): Promise<(string | null)[]> =>
    (await operations.run<any>(owner, query, { ...variables })).runs.edges.map(({ node }: any) => node.name);
  const UPDATE = 'mutation ($input: UpdateRunInput!) { updateRun(input: $input) { run { name tags state } } }';

  beforeAll(async () => {
    const rows = [
      { name: 'Baseline', state: 'SUCCEEDED', tags: ['team:a', 'night'] },
      { name: 'wider', state: 'FAILED', tags: ['team:a'] },
      { name: '', state: 'QUEUED' },
    ];
    const added = await addRuns(database, owner.tenantId, rows);
    runs = Object.fromEntries(rows.map(({ name }, i) => [name, added.runIds[i]]));
    pipelineId = toGlobalId('Pipeline', added.pipelineId);
    datasetId = toGlobalId('Dataset', added.datasetId);
  });

  test('are filtered by state, pipeline, dataset, name and tags, and sorted by name', async () => {
    const sort = { field: 'NAME' };
    expect(await names({ sort })).toEqual([null, 'Baseline', 'wider']);
    expect(await names({ sort, filter: { states: ['SUCCEEDED', 'FAILED'] } })).toEqual(['Baseline', 'wider']);
    expect(await names({ filter: { tags: ['night', 'team:a'] } })).toEqual(['Baseline']);
    expect(await names({ filter: { nameContains: 'WIDE' } })).toEqual(['wider']);
    expect(await names({ filter: { pipelineId, datasetId, states: ['QUEUED'] } })).toEqual([null]);
    expect(await names({ filter: { datasetId: toGlobalId('Dataset', newId()) } })).toEqual([]);
    expect(await names({ state: 'FAILED', pipelineId })).toEqual(['wider']);
    await expect(names({ state: 'FAILED', filter: { states: ['QUEUED'] } })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'state', message: 'differs from filter.states' }],
    });
  });

  test('are named and tagged when they have ended too; their learning rate stays', async () => {
    const runId = toGlobalId('Run', runs.wider);
    const update = (input: object) => operations.run<any>(owner, UPDATE, { input: { runId, ...input } });
    const set = await update({ name: 'Widest', tags: ['b', 'a', 'b'] });
    expect(set.updateRun.run).toEqual({ name: 'Widest', tags: ['a', 'b'], state: 'FAILED' });
    expect((await update({ tags: [] })).updateRun.run).toMatchObject({ name: 'Widest', tags: [] });
    expect((await update({ name: '' })).updateRun.run).toMatchObject({ name: null, tags: [] });
    await expect(update({ learningRate: 0.1, name: 'x' })).rejects.toMatchObject({ code: 'CONFLICT' });
    for (const input of [{}, { tags: ['no blanks'] }, { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }]) {
      await expect(update(input)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    expect(await names({ sort: { field: 'NAME' } })).toEqual([null, null, 'Baseline']);
  });
});

describe('look-ups', () => {
  test('are null for what is not there, and leave the rest of the answer', async () => {
    const query = `query ($there: ID!, $gone: ID!, $other: ID!) {
      there: datasetById(id: $there) { name } gone: datasetById(id: $gone) { name } other: datasetById(id: $other) { name }
      forged: datasetById(id: "x") { name } node: nodeById(id: $gone) { id } run: runById(id: $gone) { id }
      deployment: deploymentByName(name: "none") { id } case: caseBySlug(slug: "none") { id } }`;
    const stranger = await database.createTenant('Stranger');
    const foreign = { id: newId(), name: 'theirs', at: Date.now() };
    await addDataset(stranger, foreign);
    const variables = {
      there: toGlobalId('Dataset', datasets[0].id),
      gone: toGlobalId('Dataset', newId()),
      other: toGlobalId('Dataset', foreign.id),
    };
    expect(await operations.run(owner, query, variables)).toEqual({
      ...{ there: { name: datasets[0].name }, gone: null, other: null, forged: null },
      ...{ node: null, run: null, deployment: null, case: null },
    });
    expect(await operations.run(stranger, query, { ...variables, there: variables.other })).toMatchObject({
      there: { name: 'theirs' },
    });
  });
});

describe('ids', () => {
  test('are named by their kind; the older name says the same or is refused', async () => {
    const spare = { id: newId(), name: 'spare', at: Date.now() };
    await addDataset(owner, spare);
    const [datasetId, other] = [spare.id, datasets[0].id].map((uuid) => toGlobalId('Dataset', uuid));
    const remove = (input: object) =>
      operations.run(owner, 'mutation ($input: DeleteDatasetInput!) { deleteDataset(input: $input) { id } }', {
        input,
      });
    await expect(remove({})).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'datasetId' }] });
    await expect(remove({ datasetId, id: other })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'id', message: 'differs from datasetId' }],
    });
    expect(await remove({ datasetId, id: datasetId })).toEqual({ deleteDataset: { id: datasetId } });
    const lineage = (args: string) => operations.run(owner, `{ lineage(${args}) { nodes { id } } }`);
    expect(await lineage(`nodeId: "${other}"`)).toEqual(await lineage(`of: "${other}"`));
    await expect(lineage('depth: 1')).rejects.toMatchObject({ issues: [{ path: 'nodeId' }] });
  });
});
