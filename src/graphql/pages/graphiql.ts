import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { GRAPHIQL_PAGE, GRAPHIQL_STYLE } from './graphiql.page';
import { GRAPHIQL_SCRIPT } from './graphiql.script';

/** GraphiQL at /graphiql, from files of installed packages: nothing is loaded from elsewhere (docs/decisions/0041). */
export async function graphiqlRoutes(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, { root: join(packageDir('graphiql')), serve: false });
  for (const [path, { type, text }] of Object.entries(TEXTS)) {
    fastify.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(text));
  }
  for (const [name, [folder, file]] of Object.entries(FILES)) {
    fastify.get(`/graphiql/${name}`, (_request, reply) => reply.sendFile(file, folder));
  }
  const sockets = dirname(require.resolve('graphql-ws/client'));
  fastify.get<{ Params: { file: string } }>('/graphiql/graphql-ws/:file(^[\\w-]+\\.js$)', (request, reply) =>
    reply.sendFile(request.params.file, sockets),
  );
}

const TEXTS: Record<string, { type: string; text: string }> = {
  '/graphiql': { type: 'text/html', text: GRAPHIQL_PAGE },
  '/graphiql/page.css': { type: 'text/css', text: GRAPHIQL_STYLE },
  '/graphiql/page.js': { type: 'text/javascript', text: GRAPHIQL_SCRIPT },
};

function packageDir(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

const FILES: Record<string, [folder: string, file: string]> = {
  'react.js': [join(packageDir('react'), 'umd'), 'react.production.min.js'],
  'react-dom.js': [join(packageDir('react-dom'), 'umd'), 'react-dom.production.min.js'],
  'graphiql.js': [packageDir('graphiql'), 'graphiql.min.js'],
  'graphiql.css': [packageDir('graphiql'), 'graphiql.min.css'],
};
