import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  validate,
  type OperationDefinitionNode,
} from 'graphql';
import { PLACEHOLDER, readSteps, type Operation, type Step } from './document';

/** What stands in the README and the guides, without running it; readme.full.test.ts runs it. */

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const schema = buildSchema(read('schema/schema.graphql'));
const readme = readSteps(read('README.md'));
const kept = (steps: Step[]) => steps.flatMap((step) => (step.kind === 'operation' ? Object.keys(step.keeps) : []));

it('the README is short', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(350);
});

describe.each(['README.md', 'docs/guides/onnx.md', 'docs/guides/keras.md'])('%s', (path) => {
  const steps = readSteps(read(path));
  const operations = steps.filter((step): step is Operation => step.kind === 'operation');

  it('holds blocks that are read', () => {
    const languages = [...read(path).matchAll(/^```(\w*)$/gm)].map((match) => match[1]);
    // Python is for the reader: see the guide.
    const known = ['', 'graphql', 'json', 'sh', 'js', 'python'];
    expect(languages.filter((language) => !known.includes(language))).toEqual([]);
  });

  it.each(operations.map((operation) => [operation.line, operation] as const))(
    'has one operation at line %i, with a name, that fits the schema',
    (_line, { query, variables }) => {
      const document = parse(query);
      expect(validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule])).toEqual([]);
      expect(document.definitions).toHaveLength(1);
      const { name, variableDefinitions } = document.definitions[0] as OperationDefinitionNode;
      expect(name?.value).toMatch(/^[A-Z]\w+$/);
      const declared = variableDefinitions!.map(({ variable }) => variable.name.value);
      expect(Object.keys(JSON.parse(variables))).toEqual(declared);
    },
  );

  it('gives no name twice', () => {
    const names = operations.map(({ query }) => /^\w+ (\w+)/.exec(query)![1]);
    expect(names).toEqual([...new Set(names)]);
  });

  it('leaves nothing out, and says of every placeholder where it comes from', () => {
    const known = path === 'README.md' ? [] : kept(readme);
    for (const step of steps) {
      const text = step.kind === 'command' ? step.text : step.variables;
      expect(text).not.toMatch(/…|\.\.\.$/m);
      for (const [, name] of text.matchAll(PLACEHOLDER)) expect(known).toContain(name);
      known.push(...kept([step]));
    }
  });
});
