import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `src/sdk/generated.ts`: the client's types and operations, made from the schema and `src/sdk/operations.graphql`. */

const ROOT = process.cwd();
export const CLIENT_TYPES_FILE = join('src', 'sdk', 'generated.ts');
const OPERATIONS_FILE = join('src', 'sdk', 'operations.graphql');

const HEADER = `/* eslint-disable */
// Made by \`npm run golden\` from schema/schema.graphql and src/sdk/operations.graphql. Do not edit.
`;

/** How scalars travel as JSON. */
const SCALARS = {
  ID: 'string',
  DateTimeISO: 'string',
  DateTime: 'string',
  SafeInt: 'number',
  JSON: 'unknown',
  JSONObject: 'Record<string, unknown>',
};

/** The text of the file for this schema. Loads the code generator, which only a development install has. */
export async function generateClientTypes(schemaText: string): Promise<string> {
  const [{ codegen }, operations, documents, { parse }, prettier] = await Promise.all([
    import('@graphql-codegen/core'),
    import('@graphql-codegen/typescript-operations'),
    import('@graphql-codegen/typed-document-node'),
    import('graphql'),
    import('prettier'),
  ]);
  const text = await codegen({
    filename: CLIENT_TYPES_FILE,
    schema: parse(schemaText),
    documents: [{ location: OPERATIONS_FILE, document: parse(readFileSync(join(ROOT, OPERATIONS_FILE), 'utf8')) }],
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations, documents },
    config: {
      documentMode: 'string',
      useTypeImports: true,
      enumsAsTypes: true,
      skipTypename: true,
      scalars: SCALARS,
      defaultScalarType: 'unknown',
    },
  });
  const options = await prettier.resolveConfig(join(ROOT, CLIENT_TYPES_FILE));
  return prettier.format(HEADER + text, { ...options, parser: 'typescript' });
}
