import type { Authenticator } from '../../access';
import { downloadRoute, type DownloadFile } from '../../downloads';
import { PRECISIONS, type Precision } from '../../engine';
import { PraxisError, uuidOf, type TenantContext } from '../../kernel';
import type { ModelVersion } from '../model.entity';
import type { ModelService } from '../model.service';
import { shown } from '../../formats';

type Find = (context: TenantContext, versionId: string, precision: Precision) => Promise<DownloadFile>;

/**
 * `/models/:versionId/model.onnx?precision=int8`: the ONNX file of a model version; in float32 when no precision is given.
 * `/models/:versionId/model.tar`: the same with its assets and a manifest.
 */
export const modelRoutes = (models: ModelService, authenticator: Authenticator) => [
  routeTo('model.onnx', (...wanted) => models.files.getFile(...wanted), authenticator),
  routeTo('model.tar', (...wanted) => models.files.getArchive(...wanted), authenticator),
];

const routeTo = (name: string, find: Find, authenticator: Authenticator) =>
  downloadRoute(
    {
      url: `/models/:versionId/${name}`,
      query: 'modelVersion',
      find: (context, { versionId = '' }, { precision = 'float32' }) =>
        find(context, uuidOf('ModelVersion', versionId), precisionOf(precision)),
    },
    authenticator,
  );

/** Where the files of a version are downloaded from: one file, or an archive where there are assets. */
export const downloadPathOf = (version: Pick<ModelVersion, 'globalId'>, assetCount: number): string =>
  `/models/${version.globalId}/${assetCount > 0 ? 'model.tar' : 'model.onnx'}`;

function precisionOf(text: string): Precision {
  const precision = PRECISIONS.find((known) => known === text.toLowerCase());
  if (precision) return precision;
  throw PraxisError.invalid([
    { path: 'precision', message: `there is no precision ${shown(text)}`, hint: `one of ${PRECISIONS.join(', ')}` },
  ]);
}
