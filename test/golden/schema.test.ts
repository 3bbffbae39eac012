import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertValidSchema, type GraphQLSchema } from 'graphql';
import { findUndescribed, printSchemaSorted } from '../../src/graphql';
import { openTestApp, openTestDatabase } from '../support';

const test = openTestDatabase();
let schema: GraphQLSchema;
beforeAll(async () => {
  schema = (await openTestApp(test)).app.schema();
});

it('is valid', () => {
  expect(() => assertValidSchema(schema)).not.toThrow();
});

it('describes every type, field, argument and enum value', () => {
  expect(findUndescribed(schema)).toEqual([]);
});

it('is the one in schema/schema.graphql (npm run golden writes it)', () => {
  expect(printSchemaSorted(schema)).toBe(readFileSync(join(__dirname, '../../schema/schema.graphql'), 'utf8'));
});
