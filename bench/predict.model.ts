/** The model of the benchmark: an MLP 30-128-64-2 over one float matrix, so that the same file serves here and in the peer. */
import type { App } from '../src/app';
import type { ModelCard } from '../src/engine';
import { encodeModel } from '../src/engine/onnx/encode';
import { GraphBuilder } from '../src/engine/onnx/graph';
import { Random } from '../src/engine/random';
import { newId, type TenantContext } from '../src/kernel';
import { artifactKey, recordArtifact, type ArtifactStore } from '../src/storage';

export const FEATURES = 30;
const WIDTHS = [FEATURES, 128, 64, 2];

export function mlpModel(): Uint8Array {
  const graph = new GraphBuilder('mlp');
  const random = new Random(7);
  let value = graph.input('features', 'float32', ['batch', FEATURES]);
  for (let layer = 0; layer + 1 < WIDTHS.length; layer++) {
    const [rows, columns] = WIDTHS.slice(layer, layer + 2);
    const scale = Math.sqrt(6 / (rows + columns));
    const weights = Float32Array.from({ length: rows * columns }, () => scale * (random.uint32() / 2 ** 31 - 1));
    const w = graph.initializer('w', 'float32', [rows, columns], weights);
    const b = graph.initializer('b', 'float32', [columns], new Float32Array(columns));
    value = graph.call('Gemm', [value, w, b]);
    if (layer + 2 < WIDTHS.length) value = graph.call('Relu', [value]);
  }
  graph.node('Softmax', [value], { axis: 1 }, { outputs: ['probabilities'] });
  graph.output('probabilities', 'float32', ['batch', 2]);
  return encodeModel(graph);
}

const CARD: ModelCard = {
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

/** Registers the file as a finished run would, and deploys it as `mlp` (recorded) and `mlp-unrecorded`. */
export async function deployMlp(app: App, store: ArtifactStore, context: TenantContext): Promise<void> {
  const { database, modelService, deploymentService } = app.services;
  const artifactId = newId();
  const key = artifactKey(context.tenantId, 'MODEL', artifactId);
  const written = await store.write(key, mlpModel());
  const modelVersionId = await database.inTenant(context, async (tx) => {
    await recordArtifact(tx, { id: artifactId, kind: 'MODEL', key, ...written });
    const [dataset, version, pipeline, recipe, run] = Array.from({ length: 5 }, newId);
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
    await add(
      'runs (tenant_id, id, pipeline_version_id, dataset_version_id, state, seed)',
      `$1, $2, $3, $4, 'SUCCEEDED', 1`,
      ...[run, recipe, version],
    );
    return modelService.register(tx, { pipelineId: pipeline, name: 'mlp', runId: run, artifactId, card: CARD });
  });
  await deploymentService.deploy(context, { name: 'mlp', modelVersionId });
  await deploymentService.deploy(context, { name: 'mlp-unrecorded', modelVersionId, recordFraction: 0 });
}
