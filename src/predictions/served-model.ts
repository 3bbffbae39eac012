import { modelKey, type ModelSource } from '../compute';
import type { TenantContext } from '../kernel';
import type { ModelService, ModelVersion } from '../models';
import { RowEncoder } from './row.encoder';

/** A model version ready to predict: its encoder, compiled once, and where its file is read. Immutable, like the version. */
export class ServedModel {
  readonly encoder: RowEncoder;
  readonly source: ModelSource;

  private constructor(
    readonly version: ModelVersion,
    context: TenantContext,
    models: ModelService,
  ) {
    this.encoder = new RowEncoder(version.card);
    this.source = {
      tenantId: context.tenantId,
      key: modelKey(context.tenantId, version.id),
      load: () => models.readModel(context, version.id),
    };
  }

  static async read(models: ModelService, context: TenantContext, versionId: string): Promise<ServedModel> {
    return new ServedModel(await models.getVersion(context, versionId), context, models);
  }
}
