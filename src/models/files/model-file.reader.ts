import type { Database, TenantTx } from '../../db';
import { archiveFileOf, slugOf, tarOf, type ArchiveFile, type DownloadFile } from '../../downloads';
import {
  EXPLANATION_GRAPH,
  TREE_OUTLINE,
  type ModelFiles,
  type NamedFile,
  type Precision,
  type TreeOutline,
} from '../../engine';
import { PraxisError, type TenantContext } from '../../kernel';
import { findArtifacts, type ArtifactRow, type ArtifactStore } from '../../storage';
import { ModelAsset, type AssetPurpose } from './model-asset.entity';
import { Model } from '../model.entity';
import type { ModelService } from '../model.service';

const GRAPH = 'model.onnx';
const FORMAT = 1;

/** What the files of a model version are, in one precision. */
interface Described {
  /** As a file name has it, without an ending. */
  title: string;
  createdAt: Date;
  graph: ArtifactRow;
  assets: StoredAsset[];
}

interface StoredAsset {
  asset: ModelAsset;
  artifact: ArtifactRow;
}

/** Reads the files of model versions, for serving and for download. Throws as `ModelService.getVariant`. */
export class ModelFileReader {
  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly models: ModelService,
  ) {}

  /** All of them. An asset whose bytes are gone is left out: who opens the model names it. */
  async read(context: TenantContext, versionId: string, precision: Precision): Promise<ModelFiles> {
    const { graph, assets } = await this.describe(context, versionId, precision);
    const [model, files] = await Promise.all([this.artifacts.read(graph.key), this.readAssets(assets)]);
    return { model, assets: files };
  }

  /** What explains the answers of a version whose card has an `explanation`: a graph, and what it needs. */
  async readExplanation(context: TenantContext, versionId: string): Promise<ModelFiles> {
    const stored = await this.database.inTenant(context, (tx) => storedAssets(tx, versionId, 'EXPLANATION'));
    const files = await this.readAssets(stored);
    const graph = files.find(({ name }) => name === EXPLANATION_GRAPH);
    if (!graph) throw PraxisError.notFound('ModelVersion', versionId);
    return { model: graph.bytes, assets: files.filter((file) => file !== graph) };
  }

  /** The single tree that a version is; null of all others. */
  async readTree(context: TenantContext, versionId: string): Promise<TreeOutline | null> {
    const stored = await this.database.inTenant(context, (tx) => storedAssets(tx, versionId, 'EXPLANATION'));
    const [file] = await this.readAssets(stored.filter(({ asset: { name } }) => name === TREE_OUTLINE));
    return file ? (JSON.parse(Buffer.from(file.bytes).toString('utf8')) as TreeOutline) : null;
  }

  private async readAssets(assets: StoredAsset[]): Promise<NamedFile[]> {
    const found = assets.map(async ({ asset: { name }, artifact }) => {
      const bytes = await this.artifacts.read(artifact.key).catch((error: unknown) => {
        if (error instanceof PraxisError && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      return bytes ? [{ name, bytes }] : [];
    });
    return (await Promise.all(found)).flat();
  }

  /** The ONNX file alone. */
  async getFile(context: TenantContext, versionId: string, precision: Precision): Promise<DownloadFile> {
    const { title, graph } = await this.describe(context, versionId, precision);
    const { id: tag, key, byteCount } = graph;
    return { tag, name: `${title}.onnx`, byteCount, open: (part) => this.artifacts.readStream(key, part) };
  }

  /** The ONNX file and the assets, with a manifest of them, as a tar file. */
  async getArchive(context: TenantContext, versionId: string, precision: Precision): Promise<DownloadFile> {
    const { title, createdAt, graph, assets } = await this.describe(context, versionId, precision);
    const files = [
      { mediaType: 'application/octet-stream', ...this.entryOf(GRAPH, graph) },
      ...assets.map(({ asset: { name, mediaType }, artifact }) => ({
        mediaType,
        ...this.entryOf(`assets/${name}`, artifact),
      })),
    ];
    const listed = files.map(({ name, mediaType, byteCount, sha256 }) => ({
      ...{ name, mediaType, byteCount, sha256: sha256.toString('hex') },
    }));
    const manifest = Buffer.from(`${JSON.stringify({ format: FORMAT, files: listed }, null, 2)}\n`);
    return {
      tag: `${graph.id}.tar`,
      name: `${title}.tar`,
      byteCount: null,
      type: 'application/x-tar',
      open: async () => tarOf([archiveFileOf('manifest.json', manifest), ...files], createdAt),
    };
  }

  private entryOf(name: string, { key, byteCount, sha256 }: ArtifactRow): ArchiveFile {
    return { name, byteCount, sha256, open: () => this.artifacts.readStream(key) };
  }

  private describe(context: TenantContext, versionId: string, precision: Precision): Promise<Described> {
    return this.database.inTenant(context, async (tx) => {
      const { version, modelId, createdAt } = await this.models.getVersion(context, versionId);
      const { artifactId } = await this.models.getVariant(context, versionId, precision);
      const { name } = await tx.repo(Model).findOneByOrFail({ id: modelId });
      const graph = (await findArtifacts(tx, [artifactId])).get(artifactId);
      if (!graph) throw PraxisError.notFound('ModelVersion', versionId);
      return {
        title: `${slugOf(name, 'model')}-v${version}${precision === 'float32' ? '' : `-${precision}`}`,
        createdAt,
        graph,
        assets: await storedAssets(tx, versionId, 'SERVING'),
      };
    });
  }
}

/** By name. */
async function storedAssets(tx: TenantTx, versionId: string, purpose: AssetPurpose): Promise<StoredAsset[]> {
  const assets = await tx.repo(ModelAsset).findBy({ modelVersionId: versionId, purpose });
  const artifacts = await findArtifacts(
    tx,
    assets.map(({ artifactId }) => artifactId),
  );
  return assets.sort(byName).map((asset) => {
    const artifact = artifacts.get(asset.artifactId);
    if (!artifact) throw PraxisError.notFound('ModelVersion', versionId);
    return { asset, artifact };
  });
}

export const byName = (a: ModelAsset, b: ModelAsset): number => (a.name < b.name ? -1 : 1);
