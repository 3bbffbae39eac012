import { readdirSync } from 'node:fs';
import path from 'node:path';
import tseslint from 'typescript-eslint';

/** Files are kebab-case `noun.role.ts`, so a name tells what is inside. */
const fileName = {
  meta: { type: 'problem', schema: [], messages: { name: 'Name this file in kebab-case, noun.role.ts: "{{name}}".' } },
  create: (context) => ({
    Program(node) {
      const name = path.basename(context.filename);
      if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|mjs|cjs)$/.test(name)) {
        context.report({ node, messageId: 'name', data: { name } });
      }
    },
  }),
};

const ROOM_FILES_MAX = 12;
/** A folder is seen at a glance; what is more goes into rooms of its own. */
const roomSize = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { full: 'This folder has {{count}} files, of at most {{most}}: give those that belong together a room.' },
  },
  create: (context) => ({
    Program(node) {
      const files = readdirSync(path.dirname(context.filename)).filter((name) => name.endsWith('.ts'));
      if (files.length <= ROOM_FILES_MAX || path.basename(context.filename) !== files.sort()[0]) return;
      context.report({ node, messageId: 'full', data: { count: files.length, most: ROOM_FILES_MAX } });
    },
  }),
};

const vagueNames = /(Manager|Helper|Helpers|Util|Utils|Common)$/;
const plainNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { vague: 'Say what "{{name}}" is: no Manager, Helper, Util, Common.' },
  },
  create: (context) => ({
    ClassDeclaration(node) {
      if (node.id && vagueNames.test(node.id.name)) {
        context.report({ node: node.id, messageId: 'vague', data: { name: node.id.name } });
      }
    },
  }),
};

/** Names of values that say nothing of the value, and figures of speech. Properties keep the words of the API. */
const emptyNames =
  /^(said|given|own|made|heed|obey|wish(es|ed)?|hearing|party|parties|ground|executorWish|runRooms|stepsToLabel)$/i;
const tellingNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { empty: 'Say what the value "{{name}}" is, in words of the field.' },
  },
  create: ({ report, sourceCode }) => ({
    'Program:exit': () => {
      const names = sourceCode.scopeManager.scopes.flatMap(({ variables }) => variables);
      for (const { name, identifiers } of new Set(names)) {
        if (emptyNames.test(name) && identifiers.length > 0)
          report({ node: identifiers[0], messageId: 'empty', data: { name } });
      }
    },
  }),
};

/** What differs between types of columns stands in their table, src/formats/column-types.ts: nobody else asks for a name. */
const columnTypeNames = /^(INTEGER|NUMBER|BOOLEAN|TIMESTAMP|DATE|TIME|DURATION|CATEGORY|TEXT)$/;
const noColumnTypeNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { name: 'Ask the table of column types (src/formats/column-types.ts), not for "{{name}}".' },
  },
  create: (context) => {
    const check = (node) => {
      if (node?.type !== 'Literal' || !columnTypeNames.test(node.value)) return;
      context.report({ node, messageId: 'name', data: { name: node.value } });
    };
    return {
      BinaryExpression: ({ operator, left, right }) => /^[!=]==?$/.test(operator) && [left, right].forEach(check),
      SwitchCase: ({ test }) => check(test),
      'CallExpression[callee.property.name=/^(includes|has|indexOf)$/]': (node) => node.arguments.forEach(check),
    };
  },
};

/** A name, cell or class in quotes comes from people: what cannot be seen in it is shown as its number, and it is cut. */
const shownNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { quoted: 'Show texts of people with shown() of src/formats, which quotes, escapes and cuts them.' },
  },
  create: (context) => ({
    TemplateLiteral({ expressions, quasis }) {
      expressions.forEach((node, i) => {
        const [before, after] = [quasis[i], quasis[i + 1]].map(({ value }) => value.cooked);
        if (before.endsWith('"') && after.startsWith('"')) context.report({ node, messageId: 'quoted' });
      });
    },
  }),
};

/** What families differ in is in their descriptions (src/engine/families): nobody else asks for a name. A test compares the list. */
const FAMILY_NAMES = new Set([
  ...['linear', 'logistic', 'svm', 'mlp', 'cnn1d', 'cnn2d', 'network', 'pretrained'],
  ...['rnn', 'lstm', 'gru', 'transformer', 'recommender', 'gcn', 'autoencoder', 'boosting', 'forest', 'tree'],
  ...['neighbours', 'naiveBayes'],
]);
const noFamilyNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { name: 'Ask the description of a family (src/engine/families), not for "{{name}}".' },
  },
  create: (context) => {
    const check = (node, value) => {
      if (FAMILY_NAMES.has(value)) context.report({ node, messageId: 'name', data: { name: value } });
    };
    return {
      Literal: (node) => check(node, node.value),
      TemplateElement: (node) => check(node, node.value.cooked),
    };
  },
};
/** A feature's tables are its own: others ask its services, or are told what lineage needs (`LineageKind`). */
const TABLES = {
  access: ['api_keys'],
  cases: ['cases', 'case_runs'],
  datasets: ['datasets', 'dataset_versions', 'uploads'],
  deployments: ['deployments'],
  lineage: ['lineage_edges'],
  models: ['models', 'model_versions', 'model_variants'],
  pipelines: ['pipelines', 'pipeline_versions'],
  predictions: ['predictions', 'prediction_blocks'],
  pretrained: ['pretrained_models'],
  runs: ['runs'],
  tenants: ['tenants'],
};
const ownerOf = new Map(Object.entries(TABLES).flatMap(([room, tables]) => tables.map((table) => [table, room])));
const ownTables = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { table: 'The table "{{table}}" is of src/{{owner}}: ask its service, or let it tell what is needed.' },
  },
  create: (context) => {
    const room = path.relative(path.join(context.cwd, 'src'), context.filename).split(path.sep)[0];
    const check = (node, text) => {
      for (const [, table] of text.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)/g)) {
        const owner = ownerOf.get(table) ?? room;
        if (owner !== room) context.report({ node, messageId: 'table', data: { table, owner } });
      }
    };
    return {
      Literal: (node) => typeof node.value === 'string' && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.raw),
    };
  },
};
/** The audited door around tenancy: who may open it. */
const IN_SYSTEM_CALLERS = [
  'src/db/**',
  'src/access/**',
  'src/tenants/**',
  'src/audit/**',
  'src/cases/**',
  'src/graphql/routes/health.ts',
  'seeds/**',
  'test/**',
];

export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'sdk/dist/**', 'node_modules/**', '.praxis/**', 'src/sdk/generated.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: {
      praxis: {
        rules: {
          'file-name': fileName,
          'plain-names': plainNames,
          'telling-names': tellingNames,
          'column-types': noColumnTypeNames,
          'shown-names': shownNames,
          'family-names': noFamilyNames,
          'own-tables': ownTables,
          'room-size': roomSize,
        },
      },
    },
    rules: {
      'praxis/file-name': 'error',
      'praxis/plain-names': 'error',
      'praxis/telling-names': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config reads the environment.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name="inSystem"]',
          message: 'inSystem is for the callers listed in eslint.config.mjs.',
        },
        ...['left.name', 'left.property.name'].map((name) => ({
          selector: `BinaryExpression[operator=/^[!=]==$/][${name}=/[tT]ask$/][right.type="Literal"][right.value=/./]`,
          message: 'What tasks differ in is an entry of the table of tasks (src/engine/tasks).',
        })),
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // TypeORM and type-graphql name classes by the type Function.
      '@typescript-eslint/no-unsafe-function-type': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      'praxis/room-size': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['src/**'],
    // These are clients: they know the schema and nothing behind it.
    ignores: ['src/formats/column-types.ts', 'src/quickstart/**', 'src/sdk/**'],
    rules: { 'praxis/column-types': 'error' },
  },
  {
    files: ['src/**'],
    // Layers, activations and losses have some of these names, too; quickstart and the SDK are clients.
    ignores: ['src/engine/{families,network,keras,layers,trees}/**', 'src/quickstart/**', 'src/sdk/**'],
    rules: { 'praxis/family-names': 'error' },
  },
  {
    files: [
      'src/{kernel,engine,datasets,pipelines,pretrained,runs,models,deployments,predictions,cases,quickstart}/**/*.ts',
    ],
    // Where quotes are those of CSV, SQL, of a shell, or of the path of a file of this machine.
    ignores: [
      'src/cases/runs/csv.ts',
      'src/datasets/tables/{csv-export,duck}.ts',
      'src/quickstart/{arguments,columns}.ts',
    ],
    rules: { 'praxis/shown-names': 'error' },
  },
  {
    files: ['src/**'],
    ignores: ['src/db/**'],
    rules: { 'praxis/own-tables': 'error' },
  },
  { files: IN_SYSTEM_CALLERS, rules: { 'no-restricted-syntax': 'off' } },
  { files: ['src/config/config.ts', 'test/**', 'bench/**'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['test/**', 'migrations/**', 'seeds/**'], rules: { 'max-lines-per-function': 'off' } },
  // Answers of the API come as untyped JSON.
  { files: ['test/**'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  // A list of jobs of different payloads has no narrower type; each parses its own.
  {
    files: ['src/db/jobs/job-runner.ts', 'bench/**'],
    rules: { '@typescript-eslint/no-explicit-any': 'off' },
  },
  // Lazy loading: bootstrap scripts, the S3 client, benchmarks by name.
  {
    files: ['**/*.cjs', 'src/storage/s3-artifact.store.ts', 'src/datasets/tables/duck.ts', 'src/commands/bench.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
