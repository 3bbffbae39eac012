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
 * in float32 when no precision is given. With the etag of an earlier answer in `if-none-match`: 304.
 */
export const modelRoute =
  (models: ModelService, authenticator: Authenticator) =>
  (fastify: FastifyInstance): void => {
    fastify.get<Route>('/models/:versionId/model.onnx', async (request, reply) => {
      const context = await callerOf(request, authenticator);
      const precision = precisionOf(request.query.precision ?? 'float32');
      const file = await models.getFile(context, uuidOf('ModelVersion', request.params.versionId), precision);
      const etag = `"${file.tag}"`;
      // To be kept by the caller alone, and asked for each time: a key may be revoked.
      void reply.header('etag', etag).header('cache-control', 'private, no-cache');
      if (isHeld(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="${file.name}"`)
        .header('content-length', file.byteCount)
        .send(await file.open());
    });
  };

/** RFC 9110, 13.1.2. */
const isHeld = (given: string | undefined, etag: string): boolean =>
  given?.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, ''))) ?? false;

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
