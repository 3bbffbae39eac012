import { EXAMPLES } from './graphiql.examples';

/**
 * Requests carry the key of the bar, unless the headers tab has an authorization of its own; subscriptions go over graphql-ws,
 * all else over HTTP. The key lies in the storage of this browser tab: it outlasts a reload and ends with the tab.
 */
export const GRAPHIQL_SCRIPT = `import { createClient } from '/graphiql/graphql-ws/client.js';

const url = location.origin + '/graphql';
const overHttp = GraphiQL.createFetcher({ url });
const [form, field, useButton, forgetButton, caller] = ['sign-in', 'key', 'use', 'forget', 'caller'].map((id) =>
  document.getElementById(id),
);
const STORED = 'praxis:key';
const sockets = new Map();
let key = sessionStorage.getItem(STORED);

function show(text, isFault = false) {
  for (const [element, isShown] of [[field, !key], [form.querySelector('label'), !key], [useButton, !key], [forgetButton, key]]) {
    element.hidden = !isShown;
  }
  caller.textContent = text;
  caller.classList.toggle('fault', isFault);
}

function forget(text = 'The key is forgotten.', isFault = false) {
  key = null;
  sessionStorage.removeItem(STORED);
  for (const socket of sockets.values()) socket.dispose();
  sockets.clear();
  show(text, isFault);
}

/** Asks the server whose key it is; a key that it refuses is not kept. */
async function use(secret) {
  key = secret;
  show('Asking whose key this is …');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization() },
      body: JSON.stringify({ query: 'query WhoAmI { me { role tenant { name } } }' }),
    });
    const { data, errors } = await response.json();
    if (!data?.me) return forget(errors?.[0]?.message ?? 'The server did not say whose key this is.', true);
    sessionStorage.setItem(STORED, secret);
    show(data.me.role + (data.me.tenant ? ' of ' + data.me.tenant.name : '') + '. The key stays in this browser tab until it is closed.');
  } catch (error) {
    show('No answer: ' + error.message, true);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const secret = field.value.trim().replace(/^Bearer\\s+/i, '');
  field.value = '';
  if (secret) void use(secret);
});
forgetButton.addEventListener('click', () => forget());
if (key) void use(key);

function authorization() {
  return key ? { authorization: 'Bearer ' + key } : {};
}

/** Names of headers in small letters, so that one of the headers tab takes the place of ours. */
const headersOf = (options) => ({
  ...authorization(),
  ...Object.fromEntries(Object.entries(options?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
});

function socketFor(connectionParams) {
  const id = connectionParams.authorization;
  if (!sockets.has(id)) sockets.set(id, createClient({ url: url.replace(/^http/, 'ws'), connectionParams }));
  return sockets.get(id);
}

function isSubscription({ operationName }, document) {
  const operations = (document?.definitions ?? []).filter((item) => item.kind === 'OperationDefinition');
  return operations.find((item) => !operationName || item.name?.value === operationName)?.operation === 'subscription';
}

function fetcher(params, options) {
  const headers = headersOf(options);
  return isSubscription(params, options?.documentAST)
    ? socketFor({ authorization: headers.authorization }).iterate(params)
    : overHttp(params, { ...options, headers });
}

/** What a link brings along: /graphiql?query=…&variables=…&operationName=… */
const linked = new URLSearchParams(location.search);
const examples = ${JSON.stringify(EXAMPLES)};

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    query: linked.get('query') ?? undefined,
    variables: linked.get('variables') ?? undefined,
    operationName: linked.get('operationName') ?? undefined,
    defaultEditorToolsVisibility: 'variables',
    defaultTabs: examples.map(({ query, variables }) => ({ query, variables: variables && JSON.stringify(variables, null, 2) })),
  }),
);
`;
