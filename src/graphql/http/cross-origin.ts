import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** Browsers keep a preflight no longer than this. */
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets pages of other origins call every route: GraphQL, uploads, downloads. Keys travel in a header that a page sets
 * itself, so no credentials are allowed and no origin is trusted with more than it holds.
 */
export async function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await fastify.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'apollo-require-preflight',
      'x-apollo-operation-name',
      'x-request-id',
    ],
    exposedHeaders: ['x-request-id', 'content-disposition', 'content-length', 'etag', 'retry-after'],
    maxAge: PREFLIGHT_SECONDS,
  });
}
