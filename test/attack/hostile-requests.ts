/** Requests that a stranger or a hostile key holder would send, made from a seed: kinds of documents and of bodies, each of any size. */

import { Random } from '../support/random';

export interface HostileRequest {
  kind: string;
  method: 'POST' | 'GET';
  /** From the path on. */
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

/** Choices that the seed decides. */
export class Dice extends Random {
  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)];
  }

  /** Each order of magnitude as likely as another. */
  size(max: number): number {
    return Math.max(1, Math.floor(Math.exp(this.next() * Math.log(max))));
  }

  word(length: number): string {
    return Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz_0123456789'[this.below(27)]).join('');
  }
}

type Make = (dice: Dice, bytes: number) => string;

const repeat = (bytes: number, part: (i: number) => string, separator = ','): string => {
  const parts: string[] = [];
  for (let length = 0, i = 0; length < bytes; i++) {
    const next = part(i);
    parts.push(next);
    length += next.length + separator.length;
  }
  return parts.join(separator);
};

const nest = (open: string, close: string, levels: number, inside = ''): string =>
  open.repeat(levels) + inside + close.repeat(levels);

/** Documents; `bytes` is about their length. */
export const DOCUMENTS: Readonly<Record<string, Make>> = {
  deepSelection: (_, bytes) => nest('{ me ', '}', bytes / 6, '{ role }'),
  deepIntrospection: (_, bytes) =>
    `{ __type(name: "Run") ${nest('{ ofType ', '}', Math.min(bytes / 10, 12), '{ name }')} }`,
  wideIntrospection: (_, bytes) =>
    `{ ${repeat(Math.min(bytes, 3_000), (i) => `a${i}: __schema { types { fields { args { type { name } } } } }`, ' ')} }`,
  introspectionLists: (dice) =>
    `{ __schema { types { fields { type { fields { args { type { ${dice.pick(['fields', 'inputFields', 'interfaces'])} { name } } } } } } } } }`,
  deepList: (_, bytes) => `{ nodes(ids: ${nest('[', ']', bytes / 2)}) { id } }`,
  deepObject: (_, bytes) => `mutation { predict(input: ${nest('{rows:', '}', bytes / 7, '1')}) { latencyMs } }`,
  deepType: (_, bytes) => `query ($a: ${nest('[', ']', bytes / 2, 'Int')}) { __typename }`,
  literalNaN: (_, bytes) =>
    `mutation { predict(input: { deployment: "mlp", rows: [${repeat(Math.min(bytes, 9_000), () => '{ x0: NaN }')}] }) { latencyMs } }`,
  literalRows: (dice, bytes) =>
    `mutation { predict(input: { deployment: "mlp", rows: [${repeat(Math.min(bytes, 9_000), () => `{ ${dice.word(3)}: 1e999 }`)}] }) { latencyMs } }`,
  hugeNumber: (_, bytes) => `{ runs(first: ${'9'.repeat(bytes)}) { edges { cursor } } }`,
  hugeText: (_, bytes) => `{ node(id: "${'x'.repeat(bytes)}") { id } }`,
  hugeBlockText: (_, bytes) => `{ node(id: """${'\n  x'.repeat(bytes / 4)}""") { id } }`,
  hugeName: (_, bytes) => `{ ${'x'.repeat(bytes)} }`,
  hugeAlias: (_, bytes) => `{ ${'x'.repeat(bytes)}: me { role } }`,
  hugeEnum: (_, bytes) => `{ lineage(of: "x", direction: ${'X'.repeat(bytes)}) { nodes { id } } }`,
  comments: (dice, bytes) => `${'#\n'.repeat(bytes / 2)}# ${dice.word(9)}\n{ __typename }`,
  longComment: (dice, bytes) => `# ${dice.word(9)} ${'x'.repeat(bytes)}\n{ __typename }`,
  blanks: (_, bytes) => `${'\n'.repeat(bytes)}{ me { role role: tenant } }`,
  conflicts: (_, bytes) => `{ ${repeat(bytes, (i) => `a: me { role } a: tenant { n${i} }`, '\n\n\n')} }`,
  manyAliases: (_, bytes) => `{ ${repeat(bytes, (i) => `a${i}: me { role }`, ' ')} }`,
  sameFields: (_, bytes) => `{ ${repeat(bytes, () => 'me { role tenant { name } }', ' ')} }`,
  unknownFields: (dice, bytes) => `{ ${repeat(bytes, () => dice.word(8), ' ')} }`,
  unknownArguments: (dice, bytes) => `{ me(${repeat(bytes, () => `${dice.word(8)}: "x"`, ' ')}) { role } }`,
  unknownTypes: (dice, bytes) => `query (${repeat(bytes, (i) => `$v${i}: ${dice.word(9)}`)}) { __typename }`,
  manyVariables: (_, bytes) => `query (${repeat(bytes, (i) => `$v${i}: String = "x"`)}) { __typename }`,
  manyDirectives: (_, bytes) => `{ me { role ${repeat(bytes, () => '@include(if: true)', ' ')} } }`,
  unknownDirectives: (dice, bytes) => `{ me { role ${repeat(bytes, () => `@${dice.word(6)}`, ' ')} } }`,
  manyOperations: (_, bytes) =>
    repeat(bytes, (i) => `query q${i} { ...f }`, ' ') + ' fragment f on Query { me { role } }',
  manyFragments: (_, bytes) =>
    `{ ...f0 } ${repeat(bytes, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} me { role } }`, ' ')}`,
  cyclicFragments: (_, bytes) => {
    const count = Math.max(2, bytes / 40);
    return `{ ...f0 } ${repeat(bytes, (i) => `fragment f${i} on Query { ...f${(i + 1) % Math.floor(count)} }`, ' ')}`;
  },
  crossedFragments: (_, bytes) =>
    `{ ...f0 } ${repeat(bytes, (i) => `fragment f${i} on Query { ${repeat(200, (j) => `...f${j}`, ' ')} me { role } }`, ' ')}`,
  listLiteral: (_, bytes) => `{ nodes(ids: [${repeat(bytes, (i) => `"${i}"`)}]) { id } }`,
  listOfFaults: (_, bytes) => `{ nodes(ids: [${repeat(bytes, () => '{}')}]) { id } }`,
  subscription: () => 'subscription { runEvents(runId: "x") { sequence } }',
  mutilated: (dice, bytes) => {
    const text = repeat(bytes, () => '{ runs(first: 5) { edges { node { id name } } } }', ' ').split('');
    for (let i = 0; i < 1 + text.length / 50; i++)
      text[dice.below(text.length)] = dice.pick([...'{}()[]"\\$@:!#.\0\ud800é🏊 ']);
    return text.join('');
  },
};

const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { latencyMs } }';
const PIPELINE = 'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }';
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';

const body = (query: string, variables: string, more = ''): string =>
  `{"query":${JSON.stringify(query)},"variables":${variables}${more}}`;
const rows = (text: string): string => body(PREDICT, `{"input":{"deployment":"mlp","rows":[${text}]}}`);
const steps = (text: string): string => body(PIPELINE, `{"input":{"name":"p","steps":[${text}]}}`);
const parameters = (text: string): string => steps(`{"id":"a","kind":"SELECT_COLUMNS","parameters":{${text}}}`);

/** Bodies as they go out; `bytes` is about their length. */
export const BODIES: Readonly<Record<string, Make>> = {
  unknownInputFields: (dice, bytes) => body(PREDICT, `{"input":{${repeat(bytes, () => `"${dice.word(8)}":1`)}}}`),
  nulls: (_, bytes) => body(NODES, `{"ids":[${repeat(bytes, () => 'null')}]}`),
  numbers: (_, bytes) => body(NODES, `{"ids":[${repeat(bytes, () => '1')}]}`),
  objectsForIds: (_, bytes) => body(NODES, `{"ids":[${repeat(bytes, () => '{}')}]}`),
  hugeId: (_, bytes) => body('query ($id: ID!) { node(id: $id) { id } }', `{"id":"${'x'.repeat(bytes)}"}`),
  hugeEnum: (_, bytes) =>
    body(
      'query ($d: LineageDirection) { lineage(of: "x", direction: $d) { nodes { id } } }',
      `{"d":"${'X'.repeat(bytes)}"}`,
    ),
  hugeDeployment: (_, bytes) => body(PREDICT, `{"input":{"deployment":"${'x'.repeat(bytes)}","rows":[{}]}}`),
  unknownRowFields: (dice, bytes) => rows(`{${repeat(bytes, () => `"${dice.word(7)}":1`)}}`),
  rowsOfUnknownFields: (dice, bytes) => rows(repeat(bytes, () => `{${repeat(900, () => `"${dice.word(7)}":1`)}}`)),
  emptyRows: (_, bytes) => rows(repeat(bytes, () => '{}')),
  nullRows: (_, bytes) => rows(repeat(bytes, () => 'null')),
  textRows: (_, bytes) => rows(repeat(bytes, (i) => `{"x${i % 30}":"old"}`)),
  nestedRows: (_, bytes) => rows(repeat(bytes, () => '{"x0":{"a":[1]}}')),
  hugeFieldName: (_, bytes) => rows(`{"${'x'.repeat(bytes)}":1}`),
  hugeCell: (_, bytes) => rows(`{"x0":"${'x'.repeat(bytes)}"}`),
  wideColumns: (dice, bytes) =>
    body(PREDICT, `{"input":{"deployment":"mlp","columns":{${repeat(bytes, () => `"${dice.word(9)}":[1]`)}}}}`),
  longColumns: (_, bytes) =>
    body(PREDICT, `{"input":{"deployment":"mlp","columns":{"x0":[${repeat(bytes, () => '"a"')}]}}}`),
  differentTexts: (_, bytes) =>
    body(PREDICT, `{"input":{"deployment":"mlp","columns":{"x0":[${repeat(bytes, (i) => `"${i.toString(36)}"`)}]}}}`),
  deepVariables: (_, bytes) => body(PREDICT, `{"input":${nest('[', ']', bytes / 2)}}`),
  deepObjects: (_, bytes) => rows(nest('{"a":', '}', bytes / 6, '1')),
  deepExtensions: (_, bytes) => body('{ __typename }', 'null', `,"extensions":${nest('{"a":', '}', bytes / 6, '1')}`),
  manySteps: (_, bytes) => steps(repeat(bytes, (i) => `{"id":"${i}","kind":"NOTHING"}`)),
  wrongSteps: (_, bytes) => steps(repeat(bytes, () => '{"id":"","kind":"SPLIT"}')),
  unknownParameters: (dice, bytes) => parameters(repeat(bytes, () => `"${dice.word(8)}":1`)),
  wrongParameters: (_, bytes) => parameters(`"drop":[${repeat(bytes, () => '1')}]`),
  deepParameters: (_, bytes) => parameters(`"drop":${nest('[', ']', bytes / 2)}`),
  wrongLayers: (dice, bytes) =>
    steps(
      `{"id":"a","kind":"SELECT_COLUMNS","parameters":{"target":"y"}},{"id":"b","kind":"TRAIN","parameters":{"family":"network","parameters":{"layers":[${repeat(bytes, () => `{"type":"${dice.word(5)}"}`)}]}}}`,
    ),
  undeclaredVariables: (dice, bytes) => body('{ me { role } }', `{${repeat(bytes, () => `"${dice.word(8)}":{}`)}}`),
  hugeOperationName: (_, bytes) => body('query A { me { role } }', 'null', `,"operationName":"${'x'.repeat(bytes)}"`),
  escapes: (_, bytes) => rows(repeat(bytes, () => '{"x0":"\\u0041"}')),
  unstorable: (_, bytes) => rows(`${repeat(bytes, () => '{"x0":"\\u0041"}')},{"x0":"\\u0000"}`),
  prototypes: (_, bytes) => rows(repeat(bytes, () => '{"__proto__":{"x0":1}}')),
  blanks: (_, bytes) => rows(repeat(bytes, () => '   \n\n\t   {     }')),
  truncated: (_, bytes) => rows(repeat(bytes, () => '{"x0":1}')).slice(0, -3),
  noJson: (dice, bytes) => repeat(bytes, () => dice.word(9), dice.pick(['{', '"', '\\', '\0', '[1,'])),
  batch: (_, bytes) =>
    `[${Array(10)
      .fill(rows(repeat(bytes / 10, () => '{"x0":"old"}')))
      .join(',')}]`,
  batchOfIntrospection: () =>
    `[${Array(10).fill('{"query":"{ __schema { types { fields { args { type { name } } } } } }"}').join(',')}]`,
  batchOfDocuments: (dice, bytes) =>
    `[${Array.from({ length: 10 }, () => JSON.stringify({ query: DOCUMENTS.unknownFields(dice, Math.min(bytes / 10, 90_000)) })).join(',')}]`,
  longBatch: (_, bytes) => `[${repeat(bytes, () => '{"query":"{ __typename }"}')}]`,
  persisted: (dice) =>
    `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${dice.word(64)}"}},"query":"{ __typename #${dice.word(9)}\\n }"}`,
  shapes: (dice) =>
    dice.pick([
      '[]',
      '{}',
      'null',
      '"x"',
      '7',
      '',
      '{"query":7}',
      '{"query":{}}',
      '[[[]]]',
      '{"query":"{me{role}}","variables":[]}',
    ]),
};

const PATH = '/graphql';

/** Bodies up to `bytesMax`; documents go in bodies of their own. One in 50 is of any size up to the limit, the others are shorter. */
export function* hostileRequests(
  dice: Dice,
  o: { count: number; bytesMax: number; key: string | null },
): Generator<HostileRequest> {
  for (let i = 0; i < o.count; i++) yield hostileRequest(dice, dice.below(50) === 0 ? o.bytesMax : 100_000, o.key);
}

function hostileRequest(dice: Dice, bytesMax: number, key: string | null): HostileRequest {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(key && { authorization: `Bearer ${key}` }),
  };
  if (dice.below(2) === 0) {
    const kind = dice.pick(Object.keys(BODIES));
    const text = BODIES[kind](dice, dice.size(bytesMax));
    return { kind: `body ${kind}`, method: 'POST', url: PATH, headers, body: text };
  }
  const kind = dice.pick(Object.keys(DOCUMENTS));
  const query = DOCUMENTS[kind](dice, dice.size(Math.min(bytesMax, 1_000_000)));
  const name = `document ${kind}`;
  if (dice.below(20) > 0) return { kind: name, method: 'POST', url: PATH, headers, body: JSON.stringify({ query }) };
  const url = `${PATH}?query=${encodeURIComponent(query.slice(0, 5_000).replace(/\p{Surrogate}/gu, ''))}`;
  return {
    kind: `${name} by GET`,
    method: 'GET',
    url,
    headers: { ...headers, 'apollo-require-preflight': '1' },
    body: null,
  };
}
