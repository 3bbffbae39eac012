import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { startPlatform } from './platform.fixture';

const platform = startPlatform();

/** The specification of October 2021, section 3.13. graphql-core before 3.2.11 knows no others, and refuses them. */
const LOCATIONS = new Set(
  (
    'QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION ' +
    'SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT ' +
    'INPUT_FIELD_DEFINITION'
  ).split(' '),
);

/** With all that a client may ask for, and with as little as old ones do. */
it.each([
  [
    {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
    },
  ],
  [{ descriptions: false }],
])('builds in clients of every age: %j', async (options) => {
  const { data, errors } = await platform.ask(getIntrospectionQuery(options));
  expect(errors).toBeUndefined();
  const { directives, types } = data.__schema as IntrospectionQuery['__schema'];
  expect(directives.map(({ name }) => name)).toEqual(expect.arrayContaining(['include', 'skip', 'deprecated']));
  for (const { name, locations } of directives) {
    expect([name, locations.filter((place) => !LOCATIONS.has(place)), locations.length > 0]).toEqual([name, [], true]);
  }
  expect(buildClientSchema(data).getQueryType()?.getFields()).toHaveProperty('me');
  expect(types.length).toBeGreaterThan(20);
});

it('is asked for once in a request', async () => {
  const query = getIntrospectionQuery();
  const batch = await platform.post(JSON.stringify([{ query }, { query }]));
  const [first, second] = JSON.parse(batch.text);
  expect(first.errors).toBeUndefined();
  expect(second.errors[0].extensions.code).toBe('QUERY_TOO_COMPLEX');
});
