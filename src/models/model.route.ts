import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authorise, type Authenticator } from '../access';
import { PraxisError, uuidOf, type TenantContext } from '../kernel';
import type { ModelService } from './model.service';

/** `GET /models/:versionId/model.onnx` with an api key that may read model versions: the ONNX file, streamed. */
export const modelRoute =
  (models: ModelService, authenticator: Authenticator) =>
  (fastify: FastifyInstance): void => {
    fastify.get<{ Params: { versionId: string } }>('/models/:versionId/model.onnx', async (request, reply) => {
      const context = await callerOf(request, authenticator);
      const stream = await models.streamModel(context, uuidOf('ModelVersion', request.params.versionId));
      return reply
        .type('application/octet-stream')
        .header('content-disposition', 'attachment; filename="model.onnx"')
        .header('cache-control', 'private, no-store')
        .send(stream);
    });
  };

/** The download shows what the query `modelVersion` shows, so it takes the same roles. */
async function callerOf(request: FastifyRequest, authenticator: Authenticator): Promise<TenantContext> {
  const caller = await authenticator.authenticate(request.headers.authorization, request.id);
  authorise('modelVersion', caller?.role ?? null);
  if (!caller || caller.role === 'OPERATOR') throw new PraxisError('FORBIDDEN', 'Use a key of a tenant.');
  return caller;
}
