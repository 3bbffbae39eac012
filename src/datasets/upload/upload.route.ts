import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { PraxisError, type ErrorCode } from '../../kernel';
import type { DatasetService } from '../dataset.service';
import { UploadExpired } from './upload.service';

interface Upload {
  Params: { id: string };
  Querystring: { token?: string };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  VALIDATION_FAILED: 400,
  UNAVAILABLE: 503,
};
const GONE = 410;
/** How long a refused sender may go on sending, so that it gets to read the answer. */
const LINGER_MS = 5_000;

/**
 * `PUT /uploads/:id?token=…`: takes a file of any content type, with or without a content length, without buffering it.
 * Register it in a scope of its own: its body parser leaves every body unread.
 */
export const uploadRoute =
  (service: DatasetService) =>
  (scope: FastifyInstance): void => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.put<Upload>('/uploads/:id', async (request, reply) => {
      const length = Number(request.headers['content-length']);
      try {
        const received = await service.receive(
          request.params.id,
          request.query.token ?? '',
          bodyOf(request),
          Number.isFinite(length) ? length : undefined,
        );
        return await reply.code(202).send({ ...received, state: 'INGESTING' });
      } catch (error) {
        return fail(request, reply, error);
      }
    });
  };

/** The body as a stream that does not cut the connection when it is left before its end: the answer must get out. */
const bodyOf = (request: FastifyRequest): Readable =>
  Readable.from(request.raw.iterator({ destroyOnReturn: false }), { objectMode: false });

function fail(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  if (!(thrown instanceof PraxisError) && !request.raw.aborted) request.log.error({ err: thrown }, 'upload failed');
  const error =
    thrown instanceof PraxisError ? thrown : new PraxisError('INTERNAL', 'The upload failed; try it again.');
  const status = thrown instanceof UploadExpired ? GONE : (STATUS[error.code] ?? 500);
  if (!request.raw.complete) {
    void reply.header('connection', 'close');
    request.raw.resume();
    setTimeout(() => request.raw.destroy(), LINGER_MS).unref();
  }
  return reply.code(status).send({ error: { code: error.code, message: error.message } });
}
