import type { Authenticator } from '../access';
import { downloadRoute } from '../downloads';
import { PRECISIONS, type Precision } from '../engine';
import { PraxisError, uuidOf } from '../kernel';
import type { ModelService } from './model.service';
import { shown } from '../formats';

/** `/models/:versionId/model.onnx?precision=int8`: the ONNX file of a model version; in float32 when no precision is given. */
export const modelRoute = (models: ModelService, authenticator: Authenticator) =>
  downloadRoute(
    {
      url: '/models/:versionId/model.onnx',
      query: 'modelVersion',
      find: (context, { versionId = '' }, { precision = 'float32' }) =>
        models.getFile(context, uuidOf('ModelVersion', versionId), precisionOf(precision)),
    },
    authenticator,
  );

function precisionOf(text: string): Precision {
  const precision = PRECISIONS.find((known) => known === text.toLowerCase());
  if (precision) return precision;
  throw PraxisError.invalid([
    { path: 'precision', message: `there is no precision ${shown(text)}`, hint: `one of ${PRECISIONS.join(', ')}` },
  ]);
}
