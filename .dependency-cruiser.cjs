// The house rules about who may import whom (docs/architecture.md) as errors.
const FEATURES =
  'tenants|access|uploads|downloads|datasets|pretrained|pipelines|runs|models|deployments|predictions|cases|lineage|audit';
const NATIVE = 'onnxruntime-node|@duckdb|@tensorflow/tfjs-node';
/** A family names its learner. */
const FAMILIES = 'families|keras';
/** Of the engine, from the bottom up: each imports those below it. */
const FLOORS = [
  ...['onnx', 'trace', 'layers', 'network', FAMILIES],
  ...['gradient|trees|executors|learning', 'training|serving|steps'],
];

const only = (name, library, from) => ({
  name: `only-${name}`,
  comment: `${library} enters the house through one door.`,
  severity: 'error',
  from: { pathNot: from },
  to: { path: `node_modules/${library}(/|$)`, pathNot: '/package\\.json$' },
});

const room = (name, allowed) => ({
  name: `room-${name}`,
  comment: `src/${name} may import only: ${allowed.join(', ') || 'nothing in src'}.`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: '^(src|workers|migrations|seeds|bench|test)/',
    pathNot: [`^src/${name}/`, ...(name === 'db' ? ['^migrations/'] : []), ...allowed.map((a) => `^src/${a}`)],
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    room('kernel', ['formats/words/(text|nearest|size)\\.ts$']),
    room('db', ['kernel/']),
    room('storage', ['kernel/']),
    room('backup', ['kernel/', 'db/index\\.ts$', 'storage/index\\.ts$']),
    room('formats', []),
    room('engine', ['formats/index\\.ts$']),
    room('compute', ['kernel/', 'engine/index\\.ts$', 'engine/types\\.ts$']),
    room('sdk', []),
    room('quickstart', ['kernel/', 'sdk/', 'formats/index\\.ts$', 'config/index\\.ts$']),
    room('graphql', ['kernel/', 'db/index\\.ts$', `(${FEATURES})/`]),
    {
      name: 'features-through-their-face',
      comment:
        'A feature imports kernel, db, storage, compute, formats, engine/index and other features only through index.ts.',
      severity: 'error',
      from: { path: `^src/(${FEATURES})/` },
      to: {
        path: '^src/',
        pathNot: [
          '^src/$1/',
          '^src/(kernel|db|storage|compute|formats)/index\\.ts$',
          '^src/kernel/',
          '^src/feature\\.ts$',
          '^src/engine/(index|types)\\.ts$',
          `^src/(${FEATURES})/index\\.ts$`,
        ],
      },
    },
    {
      name: 'workers-are-thin',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^src/', pathNot: ['^src/engine/(run|types|extensions)\\.ts$', '^src/compute/'] },
    },
    {
      name: 'engine-stays-pure',
      comment: 'No Node built-ins in the pure parts of the engine.',
      severity: 'error',
      from: { path: '^src/engine/(contract|trace|onnx|expressions|history|layers|families|preprocess|metrics)/' },
      to: { dependencyTypes: ['core'] },
    },
    ...FLOORS.slice(0, -1).map((floor, i) => ({
      name: `engine-floor-${i + 1}`,
      comment: `src/engine/(${floor}) knows nothing of the floors above it.`,
      severity: 'error',
      from: { path: `^src/engine/(${floor})/` },
      to: {
        path: `^src/engine/(${FLOORS.slice(i + 1).join('|')})/`,
        pathNot: i === FLOORS.indexOf(FAMILIES) ? '^src/engine/(learning/learner\\.ts$|trees/)' : '^$',
      },
    })),
    {
      name: 'engine-trees',
      comment: 'Trees know columns, losses and the port of learners, and none of those who train otherwise.',
      severity: 'error',
      from: { path: '^src/engine/trees/' },
      to: { path: '^src/engine/(families|gradient|executors|steps|training|trace|layers|network)/' },
    },
    {
      name: 'engine-face-is-pure',
      comment: 'engine/index.ts must not reach a native library: the API thread imports it.',
      severity: 'error',
      from: { path: '^src/engine/index\\.ts$' },
      to: { reachable: true, path: `node_modules/(${NATIVE})` },
    },
    {
      name: 'parents-stay-light',
      comment: 'Who only supervises must not load the program: a start waits for it.',
      severity: 'error',
      from: { path: '^src/(commands/(start|serve|supervise)|process/index)\\.ts$' },
      to: { reachable: true, path: 'node_modules/(typeorm|graphql|type-graphql|graphile-worker|prom-client)/' },
    },
    only('ort', 'onnxruntime-node', '^src/engine/executors/ort\\.ts$'),
    only('duckdb', '@duckdb/node-api', '^(src/datasets/tables/duck|bench/ingest\\.bare)\\.ts$'),
    only('piscina', 'piscina', '^src/compute/'),
    only('yauzl', 'yauzl', '^src/pretrained/folder\\.ts$'),
    only('pg', 'pg', '^(src/db|test/support)/'),
    only('graphile-worker', 'graphile-worker', '^src/db/'),
    only('apollo', '@apollo/server', '^src/graphql/'),
    only('tar-stream', 'tar-stream', '^src/(backup|downloads/tar)'),
    only('s3', '@aws-sdk', '^src/storage/'),
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@(tensorflow/tfjs-node|graphql-typed-document-node/core)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['cjs', 'es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
