import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authorise, type Authenticator } from '../access';
import { PRECISIONS, type Precision } from '../engine';
import { PraxisError, uuidOf, type TenantContext } from '../kernel';
import type { ModelService } from './model.service';

interface Route {
  Params: { versionId: string };
  Querystring: { precision?: string };
}

/**
 * `GET /models/:versionId/model.onnx?precision=int8` with an api key that may read model versions: the ONNX file, streamed;
 * in float32 when no precision is given.
 */
export const modelRoute =
  (models: ModelService, authenticator: Authenticator) =>
  (fastify: FastifyInstance): void => {
    fastify.get<Route>('/models/:versionId/model.onnx', async (request, reply) => {
      const context = await callerOf(request, authenticator);
      const precision = precisionOf(request.query.precision ?? 'float32');
      const stream = await models.streamModel(context, uuidOf('ModelVersion', request.params.versionId), precision);
      return reply
        .type('application/octet-stream')
        .header('content-disposition', 'attachment; filename="model.onnx"')
        .header('cache-control', 'private, no-store')
        .send(stream);
    });
  };

function precisionOf(text: string): Precision {
  const precision = PRECISIONS.find((known) => known === text.toLowerCase());
  if (precision) return precision;
  throw PraxisError.invalid([
    { path: 'precision', message: `there is no precision "${text}"`, hint: `one of ${PRECISIONS.join(', ')}` },
  ]);
}

/** The download shows what the query `modelVersion` shows, so it takes the same roles. */
async function callerOf(request: FastifyRequest, authenticator: Authenticator): Promise<TenantContext> {
  const caller = await authenticator.authenticate(request.headers.authorization, request.id);
  authorise('modelVersion', caller?.role ?? null);
  if (!caller || caller.role === 'OPERATOR') throw new PraxisError('FORBIDDEN', 'Use a key of a tenant.');
  return caller;
}
