import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authorise, type Authenticator } from '../access';
import { PraxisError, type TenantContext } from '../kernel';
import type { BytePart } from '../storage';

/** Bytes that never change. */
export interface DownloadFile {
  /** Another one for other bytes. */
  tag: string;
  /** Such as `machine-failure-v3-int8.onnx`; see `slugOf`. */
  name: string;
  /** Null where it is made while it is sent: then it has no parts. */
  byteCount: number | null;
  /** Media type; left out: bytes. */
  type?: string;
  open(part?: BytePart): Promise<NodeJS.ReadableStream>;
}

type Values = Record<string, string | undefined>;

export interface Download {
  url: string;
  /** The download shows what this query shows, so it takes the same roles. */
  query: string;
  /** Finds it for a caller whose role was checked; `parameters` are those of the path. */
  find(context: TenantContext, parameters: Values, search: Values): Promise<DownloadFile>;
}

/**
 * `GET` or `HEAD` with an api key: the file, streamed. It never changes, so with its etag nothing is sent again, and a part
 * of it may be asked for (RFC 9110, sections 13 and 14).
 */
export const downloadRoute =
  ({ url, query, find }: Download, authenticator: Authenticator) =>
  (fastify: FastifyInstance): void => {
    fastify.route<{ Params: Values; Querystring: Values }>({
      method: ['GET', 'HEAD'],
      url,
      handler: async (request, reply) => {
        const caller = await authenticator.authenticate(request.headers.authorization, request.id);
        authorise(query, caller?.role ?? null);
        if (!caller || caller.role === 'OPERATOR') throw new PraxisError('FORBIDDEN', 'Use a key of a tenant.');
        return answer(request, reply, await find(caller, request.params, request.query));
      },
    });
  };

async function answer(request: FastifyRequest, reply: FastifyReply, file: DownloadFile): Promise<FastifyReply> {
  const { byteCount, name, type = 'application/octet-stream' } = file;
  const tag = `"${file.tag}"`;
  void reply
    .type(type)
    .header('content-disposition', `attachment; filename="${name}"`)
    // To be kept by the caller alone, and asked for each time: a key may be revoked.
    .header('cache-control', 'private, no-cache')
    .header('accept-ranges', byteCount === null ? 'none' : 'bytes')
    .header('etag', tag);
  if (names(request.headers['if-none-match'], tag)) return reply.code(304).send();
  if (byteCount === null) return request.method === 'HEAD' ? reply.send() : reply.send(await file.open());
  const asked = names(request.headers['if-range'] ?? tag, tag) ? partOf(request.headers.range, byteCount) : null;
  if (asked === 'OUTSIDE') return reply.code(416).header('content-range', `bytes */${byteCount}`).send();
  const part = asked ?? { start: 0, end: byteCount - 1 };
  if (asked) void reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${byteCount}`);
  void reply.header('content-length', part.end - part.start + 1);
  return request.method === 'HEAD' ? reply.send() : reply.send(await file.open(asked ?? undefined));
}

/** Is the tag in a list of tags, or does any do? */
const names = (list: string | string[] | undefined, tag: string): boolean =>
  String(list ?? '')
    .split(',')
    .some((entry) => ['*', tag, `W/${tag}`].includes(entry.trim()));

/** The one part that is asked for; null for the whole, which is also the answer to what is no such question. */
function partOf(range: string | undefined, byteCount: number): { start: number; end: number } | 'OUTSIDE' | null {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (!from && !to) return null;
  const start = from ? Number(from) : Math.max(0, byteCount - Number(to));
  const end = from && to ? Math.min(Number(to), byteCount - 1) : byteCount - 1;
  if (from && to && Number(to) < Number(from)) return null;
  return start >= byteCount || start > end ? 'OUTSIDE' : { start, end };
}
