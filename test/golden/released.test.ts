import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Comparison {
  released: string;
  current: string;
  changelog: string;
}
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { findings } = require('../../schema-check.cjs') as { findings(o: Comparison): Promise<string[]> };

const read = (name: string): string => readFileSync(join(__dirname, '../..', name), 'utf8');
const released = `
  enum State { READY RETIRED }
  type Dog { name: String! }
  type Cat { name: String! }
  union Pet = Dog
  input DogFilter { name: String }
  type Query { dog(id: ID!, first: Int! = 20): Dog! pet: Pet state: State }`;

/** Findings after one change of the schema above. */
const after = (from: string, to: string, changelog = ''): Promise<string[]> => {
  expect(released).toContain(from);
  return findings({ released, current: released.replace(from, to), changelog });
};

it('the schema breaks nothing that was released, and new values stand in CHANGELOG.md', async () => {
  const files = { released: read('schema/released.graphql'), current: read('schema/schema.graphql') };
  expect(await findings({ ...files, changelog: read('CHANGELOG.md') })).toEqual([]);
});

it.each([
  ['a field that goes', 'type Cat { name: String! }', 'type Cat { age: Int }'],
  ['an answer that may now be null', 'first: Int! = 20): Dog!', 'first: Int! = 20): Dog'],
  ['an argument of another type', 'id: ID!', 'id: Int!'],
  ['a value that goes', 'READY RETIRED', 'READY'],
  ['a needed argument', 'pet: Pet', 'pet(name: String!): Pet'],
  ['a needed input field', 'input DogFilter { name: String }', 'input DogFilter { name: String age: Int! }'],
])('%s is a finding', async (_, from, to) => {
  expect(await after(from, to)).toEqual([expect.stringMatching(/This breaks clients\.$/)]);
});

it.each([
  ['a value', 'READY RETIRED', 'READY RETIRED LOST', 'State.LOST'],
  ['a member of a union', 'union Pet = Dog', 'union Pet = Dog | Cat', 'Pet.Cat'],
])('%s that comes is a finding until the CHANGELOG names it', async (_, from, to, place) => {
  expect(await after(from, to)).toEqual([expect.stringContaining(`List it in CHANGELOG.md as \`${place}\``)]);
  expect(await after(from, to, `- \`${place}\` is new.`)).toEqual([]);
});

it.each([
  ['a field that comes', 'type Cat { name: String! }', 'type Cat { name: String! age: Int }'],
  ['an argument that need not be given', 'first: Int! = 20', 'first: Int last: Int'],
  ['a field that is deprecated', 'state: State }', 'state: State @deprecated(reason: "Use `pet`.") }'],
])('%s is none', async (_, from, to) => {
  expect(await after(from, to)).toEqual([]);
});
