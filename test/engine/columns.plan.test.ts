/** Which transforms steps are, of which columns, and what is wrong with them; before anything is fitted. */
import { planColumns, requestOf, type KnownColumn, type PipelineStep, type StepEdge } from '../../src/engine';

const numbers = (...names: string[]): KnownColumn[] => names.map((name) => ({ name, kind: 'number' }));
const texts = (...names: string[]): KnownColumn[] => names.map((name) => ({ name, kind: 'category' }));
const COLUMNS = [...numbers('heat', 'load', 'load_2'), ...texts('site')];

const first: PipelineStep = {
  id: 'columns',
  kind: 'SELECT_COLUMNS',
  parameters: { target: 'y', drop: [], task: null },
};
const step = (id: string, kind: string, parameters: Record<string, unknown> = {}): PipelineStep => ({
  id,
  kind,
  parameters,
});
const path = (...ids: string[]): StepEdge[] => ids.slice(1).map((to, i) => ({ from: ids[i], to }));

const clip = (id: string, names?: string[]) => step(id, 'CLIP', { lower: 0, ...(names && { columns: { names } }) });
const impute = (id: string, names?: string[]) =>
  step(id, 'IMPUTE', { method: 'median', missingIndicator: true, ...(names && { columns: { names } }) });
const scale = (id: string, names?: string[], method = 'standard') =>
  step(id, 'SCALE', { method, ...(names && { columns: { names } }) });
const derive = (id: string, column: string, expression: string) => step(id, 'DERIVE', { column, expression });

function plan(steps: PipelineStep[], edges: StepEdge[] = [], columns = COLUMNS) {
  const request = requestOf([first, ...steps], edges);
  const planned = planColumns(request.steps!, { columns, withheld: new Map([['y', 'is the target']]) });
  return {
    ...planned,
    order: request.steps!.map(({ id }) => id),
    done: planned.transforms.map(({ step: { id }, writes }) => `${id}: ${writes.map(({ name }) => name).join(' ')}`),
    optionsOf: (name: string) => planned.columns.find(({ slot }) => slot.name === name)!.options,
  };
}

describe('order', () => {
  test('without edges steps follow one another by kind, and steps of a kind by id', () => {
    const steps = [scale('s'), impute('b', ['load']), clip('c'), impute('a', ['heat'])];
    expect(plan(steps).order).toEqual(['c', 'a', 'b', 's']);
    expect(plan(steps.toReversed()).order).toEqual(['c', 'a', 'b', 's']);
  });

  test('with edges along the edges; what no path joins, by kind and id', () => {
    const steps = [scale('s', ['heat']), clip('c', ['heat']), impute('i', ['load'])];
    const edges = [...path('columns', 's', 'c'), ...path('columns', 'i')];
    expect(plan(steps, edges).order).toEqual(['i', 's', 'c']);
    expect(plan(steps.toReversed(), edges.toReversed()).order).toEqual(['i', 's', 'c']);
  });
});

describe('what the encoding takes in', () => {
  test('IMPUTE and SCALE that nothing reads are options of their columns, as in a pipeline of one of each', () => {
    const { done, optionsOf } = plan([impute('i'), scale('s', ['heat'], 'robust')]);
    expect(done).toEqual([]);
    expect(optionsOf('heat')).toEqual({ impute: 'median', missingIndicator: true, scale: 'robust' });
    expect(optionsOf('load')).toEqual({ impute: 'median', missingIndicator: true });
    expect(optionsOf('site')).toEqual({});
  });

  test('where a step reads the column they are transforms as well, once for all readers', () => {
    const steps = [impute('i'), scale('s'), derive('d', 'sum', 'heat + load'), derive('e', 'twice', 'heat * 2')];
    const edges = [...path('columns', 'i', 'd'), ...path('i', 'e'), ...path('d', 's'), ...path('e', 's')];
    const { done, optionsOf } = plan(steps, edges);
    expect(done).toEqual(['i: heat load', 'd: sum', 'e: twice']);
    expect(optionsOf('heat')).toEqual({ impute: 'median', missingIndicator: true, scale: 'standard' });
    expect(optionsOf('sum')).toEqual({ scale: 'standard' });
  });

  test('where a step changes the column they are transforms alone, and it is not scaled again', () => {
    const steps = [scale('s', ['heat']), clip('c', ['heat'])];
    const { done, optionsOf } = plan(steps, path('columns', 's', 'c'));
    expect(done).toEqual(['s: heat', 'c: heat']);
    expect(optionsOf('heat')).toEqual({ scale: 'none' });
  });

  test('two IMPUTEs of a column: the first is a transform', () => {
    const steps = [impute('a', ['heat']), { ...impute('b'), parameters: { method: 'zero', missingIndicator: false } }];
    const { done, optionsOf, transforms } = plan(steps, path('columns', 'a', 'b'));
    expect(done).toEqual(['a: heat']);
    expect([...transforms[0].flagged]).toEqual(['heat']);
    expect(optionsOf('heat')).toEqual({ impute: 'zero', missingIndicator: false });
  });

  test('IMPUTE stands before SCALE where no edges say so, as before edges had a meaning', () => {
    const edges = [...path('columns', 'i'), ...path('columns', 's')];
    const { faults, optionsOf } = plan([impute('i'), scale('s')], edges);
    expect(faults).toEqual([]);
    expect(optionsOf('load')).toEqual({ impute: 'median', missingIndicator: true, scale: 'standard' });
  });
});

test('ENCODE is about the columns that there are in the end, wherever it stands', () => {
  const encode = (id: string, parameters: object) => step(id, 'ENCODE', { bins: 0, ...parameters });
  const double = derive('d', 'double', 'heat * 2');
  for (const edges of [
    [],
    path('columns', 'e', 'd'),
    path('columns', 'd', 'e'),
    [...path('columns', 'd'), ...path('columns', 'e')],
  ]) {
    const { optionsOf, faults } = plan([encode('e', {}), double], edges);
    expect(faults).toEqual([]);
    expect(optionsOf('double')).toEqual({ bins: 0 });
    expect(optionsOf('heat')).toEqual({ bins: 0 });
  }
  const named = plan([encode('e', { columns: { names: ['double'] } }), double], path('columns', 'e', 'd'));
  expect(named.faults).toEqual([]);
  expect(named.optionsOf('double')).toEqual({ bins: 0 });
  expect(named.optionsOf('heat')).toEqual({});
  const again = plan([encode('e', {}), derive('d', 'heat', 'load * 2')], path('columns', 'e', 'd'));
  expect(again.optionsOf('heat')).toEqual({ bins: 0 });
});

describe('faults', () => {
  test('two steps that change one column without a path between them', () => {
    const edges = [...path('columns', 'c'), ...path('columns', 'd')];
    expect(plan([clip('c'), clip('d', ['load'])], edges).faults).toEqual([
      {
        ...{ step: 'd', path: '' },
        message: '"c" and "d" both change column "load", and no edges lead from one to the other',
        hint: 'add an edge between "c" and "d", in the order that is meant',
      },
    ]);
    expect(plan([clip('c'), clip('d', ['load'])]).faults).toHaveLength(1);
    expect(plan([clip('c'), clip('d', ['load'])], path('columns', 'c', 'd')).faults).toEqual([]);
    expect(plan([clip('c', ['heat']), clip('d', ['load'])], edges).faults).toEqual([]);
  });

  test('a step that reads what another changes, without a path', () => {
    const edges = [...path('columns', 'c'), ...path('columns', 'd')];
    const { faults } = plan([clip('c', ['heat']), derive('d', 'half', 'heat / 2')], edges);
    expect(faults[0].message).toBe(
      '"c" and "d" have to do with column "heat", which "c" changes, and no edges lead from one to the other',
    );
  });

  test('two ENCODEs of a column, but not ENCODE beside SCALE', () => {
    const encode = (id: string) => step(id, 'ENCODE', { rareFraction: 0, levelsMax: 5 });
    const beside = (id: string) => [...path('columns', 'e'), ...path('columns', id)];
    expect(plan([encode('e'), scale('s')], beside('s')).faults).toEqual([]);
    expect(plan([encode('e'), encode('f')], beside('f')).faults).toHaveLength(1);
  });

  test('a column that is not there, is no number, is the target, or is made by a step that comes later', () => {
    const messages = (...steps: PipelineStep[]) => plan(steps).faults.map((fault) => [fault.path, fault.message]);
    expect(messages(clip('c', ['heet']))).toEqual([['.columns.names[0]', 'there is no column "heet" here']]);
    expect(plan([clip('c', ['heet'])]).faults[0].hint).toBe('Did you mean "heat"?');
    expect(messages(clip('c', ['heat', 'site']))).toEqual([['.columns.names[1]', 'column "site" holds texts']]);
    expect(messages(clip('c', ['y']))).toEqual([['.columns.names[0]', 'column "y" is the target']]);
    expect(messages(derive('d', 'y', 'heat + 1'))).toEqual([['.column', 'column "y" is the target']]);
    expect(plan([derive('a', 'b', 'later'), derive('z', 'later', 'heat')]).faults).toEqual([
      {
        ...{ step: 'a', path: '.expression' },
        message: 'column "later" is made by "z", from which no edges lead here',
        hint: 'add an edge from "z"',
      },
    ]);
    expect(messages(derive('a', 'own', 'own + 1'))).toEqual([['.expression', 'there is no column "own" here']]);
    expect(messages(clip('c', ['later']), derive('d', 'later', 'heat'))).toEqual([
      ['.columns.names[0]', 'column "later" is made by "d", from which no edges lead here'],
    ]);
    expect(messages(derive('a', 'b', 'heat + site'))).toEqual([
      ['.expression', expect.stringContaining('at character 8')],
    ]);
  });
});

test('a column of another kind is told with its type, and what to do', () => {
  const typed: KnownColumn[] = [
    { name: 'heat', kind: 'number', traits: { type: 'NUMBER', role: 'FEATURE' } },
    { name: 'site', kind: 'category', traits: { type: 'CATEGORY', role: 'FEATURE' } },
  ];
  const replace = (name: string, values: unknown[]) => step('r', 'REPLACE', { columns: { names: [name] }, values });
  const told = (one: PipelineStep) => plan([one], [], typed).faults.map(({ message, hint }) => [message, hint]);
  const TEXTS = 'column "site" holds texts (its type is CATEGORY)';
  for (const one of [clip('c', ['site']), impute('i', ['site']), scale('s', ['site'])])
    expect(told(one)).toEqual([[TEXTS, expect.stringMatching(/^name columns of numbers; .*reingest/)]]);
  expect(told(derive('d', 'x', 'if(site, 1, 0)'))).toEqual([
    [expect.stringContaining('takes a boolean here'), expect.anything()],
  ]);
  expect(told(replace('site', [-999]))).toEqual([[TEXTS, expect.stringMatching(/^write the values as texts/)]]);
  expect(told(replace('heat', ['n/a']))).toEqual([
    ['column "heat" holds numbers (its type is NUMBER)', expect.stringMatching(/^write the values as numbers/)],
  ]);
});

describe('columns are chosen', () => {
  const traits = { type: 'INTEGER', role: 'FEATURE' } as const;
  const columns: KnownColumn[] = [
    { name: 'n.1', kind: 'number', traits },
    { name: 'n.2', kind: 'number', traits: { type: 'TIMESTAMP', role: 'TIME' } },
    ...numbers('m'),
    ...texts('text'),
  ];
  const chosen = (choice?: object) =>
    planColumns(requestOf([first, step('c', 'CLIP', { lower: 0, columns: choice })]).steps!, {
      columns,
      withheld: new Map(),
    });
  const names = (choice?: object) => chosen(choice).transforms.flatMap(({ writes }) => writes.map(({ name }) => name));

  test.each([
    [undefined, ['n.1', 'n.2', 'm']],
    [{ names: ['m'] }, ['m']],
    [{ patterns: ['n.*'] }, ['n.1', 'n.2']],
    [{ patterns: ['n?1'], names: ['m'] }, ['n.1', 'm']],
    [{ patterns: ['*'] }, ['n.1', 'n.2', 'm']],
    [{ types: ['TIMESTAMP'] }, ['n.2']],
    [{ patterns: ['n*'], roles: ['FEATURE'] }, ['n.1']],
    [{ patterns: ['N*'] }, []],
  ])('%j: %j', (choice, expected) => expect(names(choice)).toEqual(expected));

  test('a choice that no column fits is told of', () => {
    expect(chosen({ patterns: ['z*'] }).notes).toEqual(['Step "c" (CLIP) touches no column.']);
    expect(plan([impute('i')], [], texts('a')).notes).toEqual([]);
  });

  test('a pattern takes time in proportion to the name', () => {
    const name = 'a'.repeat(500);
    expect(
      planColumns(
        requestOf([first, step('c', 'CLIP', { lower: 0, columns: { patterns: ['*a'.repeat(200) + 'b'] } })]).steps!,
        {
          columns: numbers(name),
          withheld: new Map(),
        },
      ).transforms,
    ).toEqual([]);
  });
});
