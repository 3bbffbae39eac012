/** The model of the benchmark: an MLP 30-128-64-2. */
import type { App } from '../src/app';
import type { InputField, ModelCard } from '../src/engine';
import { encodeModel } from '../src/engine/onnx/encode';
import { GraphBuilder } from '../src/engine/onnx/graph';
import type { Encoding } from '../src/engine/preprocess/encoding';
import { buildServingGraph } from '../src/engine/serving/serving-graph';
import { Random } from '../src/engine/random';
import { newId, type TenantContext } from '../src/kernel';
import { artifactKey, recordArtifact, type ArtifactStore } from '../src/storage';

export const FEATURES = 30;
const WIDTHS = [128, 64];

/**
 * COLUMNS: what training exports, a double for each column, and the label beside its probabilities. MATRIX: one float
 * matrix, as versions made before are read, and as the peer takes it.
 */
export type ModelForm = 'COLUMNS' | 'MATRIX';

/** With hidden layers of these widths; the same network in either form. */
export function mlpModel(form: ModelForm = 'COLUMNS', hidden = WIDTHS): Uint8Array {
  if (form === 'COLUMNS')
    return buildServingGraph(
      CARD,
      { encoding: ENCODING, targetScales: [] },
      { append: (graph, x) => appendMlp(graph, x, hidden) },
    );
  const graph = new GraphBuilder('mlp');
  const value = appendMlp(graph, graph.input('features', 'float32', ['batch', FEATURES]), hidden);
  graph.node('Identity', [value], {}, { outputs: ['probabilities'] });
  graph.output('probabilities', 'float32', ['batch', 2]);
  return encodeModel(graph);
}

function appendMlp(graph: GraphBuilder, features: string, hidden: number[]): string {
  const widths = [FEATURES, ...hidden, 2];
  const random = new Random(7);
  let value = features;
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [rows, columns] = widths.slice(layer, layer + 2);
    const scale = Math.sqrt(6 / (rows + columns));
    const weights = Float32Array.from({ length: rows * columns }, () => scale * (random.uint32() / 2 ** 31 - 1));
    const w = graph.initializer('w', 'float32', [rows, columns], weights);
    const b = graph.initializer('b', 'float32', [columns], new Float32Array(columns));
    value = graph.call('Gemm', [value, w, b]);
    if (layer + 2 < widths.length) value = graph.call('Relu', [value]);
  }
  return graph.call('Softmax', [value], { axis: 1 });
}

const NAMES = Array.from({ length: FEATURES }, (_, i) => `x${i}`);

/** Numbers that are scaled already, so that the network sees what was sent. */
const ENCODING: Encoding = {
  ids: [],
  numbers: {
    columns: NAMES,
    ...{ fill: new Float64Array(FEATURES), center: new Float64Array(FEATURES) },
    inverseScale: new Float64Array(FEATURES).fill(1),
    indicators: new Int32Array(),
    bins: { source: new Int32Array(), lower: new Float64Array(), inverseWidth: new Float64Array() },
  },
  categories: [],
};

export const CARD: ModelCard = {
  task: 'binary',
  target: 'y',
  family: 'mlp',
  parameters: {},
  inputs: NAMES.map((name) => ({
    ...{ name, type: 'number', elementType: 'float64', columnType: 'NUMBER', levels: null },
    ...{ minimum: -1, maximum: 1, fill: 0 },
  })),
  labels: ['0', '1'],
  parameterCount: 0,
  leftOut: [],
};

/** Deploys the model as `mlp` (recorded) and `mlp-unrecorded`. */
export async function deployMlp(
  app: App,
  store: ArtifactStore,
  context: TenantContext,
  form: ModelForm = 'COLUMNS',
): Promise<void> {
  const card = form === 'COLUMNS' ? CARD : { ...CARD, inputs: CARD.inputs.map(asBefore) };
  const [modelVersionId] = await addModelVersions(app, store, context, { model: mlpModel(form), card, count: 1 });
  const { deployments } = app.services;
  await deployments.deploy(context, { name: 'mlp', modelVersionId });
  await deployments.deploy(context, { name: 'mlp-unrecorded', modelVersionId, recordFraction: 0 });
}

/** As cards were before there were doubles and types of columns. */
const asBefore = ({ elementType: _, columnType: __, ...input }: InputField): InputField => input;

/** Registers the file as finished runs would, as `count` versions of one model; their uuids. */
export async function addModelVersions(
  app: App,
  store: ArtifactStore,
  context: TenantContext,
  { model, card, count }: { model: Uint8Array; card: ModelCard; count: number },
): Promise<string[]> {
  const { database } = app.platform;
  const { models } = app.services;
  const artifactId = newId();
  const key = artifactKey(context.tenantId, 'MODEL', artifactId);
  const written = await store.write(key, model);
  return database.inTenant(context, async (tx) => {
    await recordArtifact(tx, { id: artifactId, kind: 'MODEL', key, ...written });
    const [dataset, version, pipeline, recipe] = Array.from({ length: 4 }, newId);
    const add = (columns: string, values: string, ...params: unknown[]) =>
      tx.query(`INSERT INTO ${columns} VALUES (${values})`, [context.tenantId, ...params]);
    await add('datasets (tenant_id, id, name, format)', `$1, $2, 'bench', 'CSV'`, dataset);
    await add(
      'dataset_versions (tenant_id, id, dataset_id, version, content_hash, row_count, byte_count, columns, findings, artifact_id)',
      `$1, $2, $3, 1, '', 0, 0, '[]', '[]', $4`,
      ...[version, dataset, artifactId],
    );
    await add('pipelines (tenant_id, id, name)', `$1, $2, 'bench'`, pipeline);
    await add(
      'pipeline_versions (tenant_id, id, pipeline_id, version, steps, edges, content_hash)',
      `$1, $2, $3, 1, '[]', '[]', ''`,
      ...[recipe, pipeline],
    );
    const versions: string[] = [];
    for (let i = 0; i < count; i++) {
      const runId = newId();
      await add(
        'runs (tenant_id, id, pipeline_version_id, dataset_version_id, state, seed)',
        `$1, $2, $3, $4, 'SUCCEEDED', 1`,
        ...[runId, recipe, version],
      );
      const file = { precision: 'float32' as const, artifactId, byteCount: written.byteCount, figures: null };
      const registered = { pipelineId: pipeline, name: 'mlp', runId, card, variants: [file], assets: [] };
      versions.push(await models.register(tx, registered));
    }
    return versions;
  });
}
