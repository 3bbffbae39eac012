/** The model of the benchmark: an MLP 30-128-64-2 over one float matrix, so that the same file serves here and in the peer. */
import type { App } from '../src/app';
import type { ModelCard } from '../src/engine';
import { encodeModel } from '../src/engine/onnx/encode';
import { GraphBuilder } from '../src/engine/onnx/graph';
import { Random } from '../src/engine/random';
import { newId, type TenantContext } from '../src/kernel';
import { artifactKey, recordArtifact, type ArtifactStore } from '../src/storage';

export const FEATURES = 30;
const WIDTHS = [128, 64];

/** With hidden layers of these widths. */
export function mlpModel(hidden = WIDTHS): Uint8Array {
  const widths = [FEATURES, ...hidden, 2];
  const graph = new GraphBuilder('mlp');
  const random = new Random(7);
  let value = graph.input('features', 'float32', ['batch', FEATURES]);
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [rows, columns] = widths.slice(layer, layer + 2);
    const scale = Math.sqrt(6 / (rows + columns));
    const weights = Float32Array.from({ length: rows * columns }, () => scale * (random.uint32() / 2 ** 31 - 1));
    const w = graph.initializer('w', 'float32', [rows, columns], weights);
    const b = graph.initializer('b', 'float32', [columns], new Float32Array(columns));
    value = graph.call('Gemm', [value, w, b]);
    if (layer + 2 < widths.length) value = graph.call('Relu', [value]);
  }
  graph.node('Softmax', [value], { axis: 1 }, { outputs: ['probabilities'] });
  graph.output('probabilities', 'float32', ['batch', 2]);
  return encodeModel(graph);
}

export const CARD: ModelCard = {
  task: 'binary',
  target: 'y',
  family: 'mlp',
  parameters: {},
  inputs: Array.from({ length: FEATURES }, (_, i) => ({
    ...{ name: `x${i}`, type: 'number' as const, levels: null },
    ...{ minimum: -1, maximum: 1, fill: 0 },
  })),
  labels: ['0', '1'],
  parameterCount: 0,
  leftOut: [],
};

/** Deploys the model as `mlp` (recorded) and `mlp-unrecorded`. */
export async function deployMlp(app: App, store: ArtifactStore, context: TenantContext): Promise<void> {
  const [modelVersionId] = await addModelVersions(app, store, context, { model: mlpModel(), card: CARD, count: 1 });
  const { deploymentService } = app.services;
  await deploymentService.deploy(context, { name: 'mlp', modelVersionId });
  await deploymentService.deploy(context, { name: 'mlp-unrecorded', modelVersionId, recordFraction: 0 });
}

/** Registers the file as finished runs would, as `count` versions of one model; their uuids. */
export async function addModelVersions(
  app: App,
  store: ArtifactStore,
  context: TenantContext,
  { model, card, count }: { model: Uint8Array; card: ModelCard; count: number },
): Promise<string[]> {
  const { database, modelService } = app.services;
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
      const made = { pipelineId: pipeline, name: 'mlp', runId, card, variants: [file] };
      versions.push(await modelService.register(tx, made));
    }
    return versions;
  });
}
