import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** GraphiQL at /graphiql, from files of installed packages: nothing is loaded from elsewhere. */
export async function graphiqlRoutes(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, { root: join(packageDir('graphiql')), serve: false });
  fastify.get('/graphiql', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  fastify.get('/graphiql/page.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(SCRIPT));
  for (const [name, [folder, file]] of Object.entries(FILES)) {
    fastify.get(`/graphiql/${name}`, (_request, reply) => reply.sendFile(file, folder));
  }
  const sockets = dirname(require.resolve('graphql-ws/client'));
  fastify.get<{ Params: { file: string } }>('/graphiql/graphql-ws/:file(^[\\w-]+\\.js$)', (request, reply) =>
    reply.sendFile(request.params.file, sockets),
  );
}

function packageDir(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

const FILES: Record<string, [folder: string, file: string]> = {
  'react.js': [join(packageDir('react'), 'umd'), 'react.production.min.js'],
  'react-dom.js': [join(packageDir('react-dom'), 'umd'), 'react-dom.production.min.js'],
  'graphiql.js': [packageDir('graphiql'), 'graphiql.min.js'],
  'graphiql.css': [packageDir('graphiql'), 'graphiql.min.css'],
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Praxis · GraphiQL</title>
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <style>body { margin: 0; } #graphiql { height: 100vh; }</style>
  </head>
  <body>
    <div id="graphiql">Loading …</div>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
    <script type="module" src="/graphiql/page.js"></script>
  </body>
</html>
`;

/** Subscriptions go over graphql-ws, with the Authorization header of the headers tab; all else over HTTP. */
const SCRIPT = `import { createClient } from '/graphiql/graphql-ws/client.js';

const url = location.origin + '/graphql';
const overHttp = GraphiQL.createFetcher({ url });
const clients = new Map();
const PLACEHOLDER = 'Bearer YOUR_API_KEY';

function clientFor(authorization) {
  if (!clients.has(authorization)) {
    clients.set(authorization, createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { authorization } }));
  }
  return clients.get(authorization);
}

function isSubscription({ operationName }, document) {
  const operations = (document?.definitions ?? []).filter((item) => item.kind === 'OperationDefinition');
  return operations.find((item) => !operationName || item.name?.value === operationName)?.operation === 'subscription';
}

function authorizationOf(headers = {}) {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
  return name ? headers[name] : undefined;
}

/** The key that nobody has replaced yet is none, so that the documentation loads at once. */
function withoutPlaceholder(options) {
  if (authorizationOf(options?.headers) !== PLACEHOLDER) return options;
  return { ...options, headers: {} };
}

const fetcher = (params, options) =>
  isSubscription(params, options?.documentAST)
    ? clientFor(authorizationOf(options?.headers)).iterate(params)
    : overHttp(params, withoutPlaceholder(options));

/** What a link brings along: /graphiql?query=…&variables=…&operationName=… */
const linked = new URLSearchParams(location.search);

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    query: linked.get('query') ?? undefined,
    variables: linked.get('variables') ?? undefined,
    operationName: linked.get('operationName') ?? undefined,
    defaultEditorToolsVisibility: 'headers',
    defaultHeaders: JSON.stringify({ Authorization: PLACEHOLDER }, null, 2),
    defaultQuery: '# Put your api key into the Headers tab below.\\n{\\n  me {\\n    role\\n    tenant {\\n      name\\n    }\\n  }\\n}\\n',
  }),
);
`;
