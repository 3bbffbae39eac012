import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { shown } from '../formats';
import { PraxisError, readAway, told, type ErrorCode } from '../kernel';
import { StorageFull } from '../storage';
import { UploadExpired } from './upload-address';
import { paced, UPLOAD_PACE, UploadStalled, type Pace } from './upload-pace';

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
/** Of refusals that say more than their code. */
const statusOf = (thrown: unknown, code: ErrorCode): number => {
  if (thrown instanceof UploadExpired) return 410;
  if (thrown instanceof UploadStalled) return 408;
  if (thrown instanceof StorageFull) return 507;
  return STATUS[code] ?? 500;
};

/** What was made of a file: the status of the answer and its body. */
export interface ReceivedFile {
  status: 201 | 202;
  body: object;
}

/** What takes the files of a path. */
export interface Receiver {
  receive(id: string, token: string, source: Readable, contentLength?: number): Promise<ReceivedFile>;
}

/**
 * `PUT {path}/:id?token=…`: takes a file of any content type, with or without a content length, without buffering it.
 * Register it in a scope of its own: its body parser leaves every body unread.
 */
export const uploadRoute =
  (path: string, receiver: Receiver, pace: Pace = UPLOAD_PACE) =>
  (scope: FastifyInstance): void => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.put<Upload>(`${path}/:id`, async (request, reply) => {
      const length = Number(request.headers['content-length']);
      try {
        refuseForm(request.headers['content-type']);
        refuseCoding(request.headers['content-encoding']);
        const { status, body } = await receiver.receive(
          request.params.id,
          request.query.token ?? '',
          bodyOf(request, pace),
          Number.isFinite(length) ? length : undefined,
        );
        return await reply.code(status).send(body);
      } catch (error) {
        return fail(request, reply, error);
      }
    });
  };

/** A form holds the file among lines of its own; taken for the file it would be a table that nobody sent. */
function refuseForm(contentType = ''): void {
  if (!/^\s*multipart\/form-data\b/i.test(contentType)) return;
  const hint = 'send the bytes of the file alone, for example: curl -T FILE URL (-F makes a form)';
  throw PraxisError.invalid([{ path: 'body', message: 'is a form (multipart/form-data), not a file', hint }]);
}

/** A body that only the coding can be read by; gzip is told by the bytes themselves. */
function refuseCoding(coding = 'identity'): void {
  if (/^\s*(identity|gzip|x-gzip)?\s*$/i.test(coding)) return;
  const hint = 'send the bytes of the file as they are, or packed with gzip';
  throw PraxisError.invalid([{ path: 'content-encoding', message: `${shown(coding)} is not taken here`, hint }]);
}

/** The body as a stream that does not cut the connection when it is left before its end: the answer must get out. */
const bodyOf = (request: FastifyRequest, pace: Pace): Readable =>
  Readable.from(paced(request.raw.iterator({ destroyOnReturn: false })[Symbol.asyncIterator](), pace), {
    objectMode: false,
  });

function fail(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  if (!(thrown instanceof PraxisError) && !request.raw.aborted) request.log.error({ err: thrown }, 'upload failed');
  const error =
    thrown instanceof PraxisError ? thrown : new PraxisError('INTERNAL', 'The upload failed; try it again.');
  const status = statusOf(thrown, error.code);
  // Nothing more is waited for from whoever sends too slowly.
  if (thrown instanceof UploadStalled) void reply.header('connection', 'close');
  else readAway(request.raw, reply);
  return reply.code(status).send(refusalOf(error, request.id));
}

/** As all of this server words errors; and as this route did at first, which clients read. */
function refusalOf(error: PraxisError, requestId: string): object {
  const { code, message, issues } = told(error);
  const listed = issues.length > 0 ? { issues } : {};
  return {
    error: { code, message, ...listed },
    errors: [{ message, extensions: { code, requestId, ...listed } }],
  };
}
