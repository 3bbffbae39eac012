/** GraphiQL, below a bar that takes the api key. */
export const GRAPHIQL_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Praxis · GraphiQL</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/graphiql/graphiql.css">
<link rel="stylesheet" href="/graphiql/page.css">
</head>
<body>
<form id="sign-in">
<a href="/" title="What is where"><img src="/favicon.svg" alt="Praxis" width="28" height="28"></a>
<label for="key">API key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="prx_…" required>
<button id="use">Use</button>
<button id="forget" type="button" hidden>Forget key</button>
<output id="caller" for="key">No key yet: the schema can be read, requests cannot be sent.</output>
</form>
<div id="graphiql">Loading …</div>
<script src="/graphiql/react.js"></script>
<script src="/graphiql/react-dom.js"></script>
<script src="/graphiql/graphiql.js"></script>
<script type="module" src="/graphiql/page.js"></script>
</body>
</html>
`;

/** GraphiQL marks the body with the theme that was chosen in its settings; else that of the system holds. */
export const GRAPHIQL_STYLE = `:root { --ground: #f7f8fa; --field: #ffffff; --line: #c9cfda; --text: #1b1f2a; --soft: #566074; --fault: #b3261e; }
@media (prefers-color-scheme: dark) {
  body:not(.graphiql-light) { --ground: #1a1d26; --field: #10131a; --line: #414859; --text: #e8eaf0; --soft: #a3acbf; --fault: #ff9d94; }
}
body.graphiql-dark { --ground: #1a1d26; --field: #10131a; --line: #414859; --text: #e8eaf0; --soft: #a3acbf; --fault: #ff9d94; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; }
#graphiql { flex: 1; min-height: 0; }
#sign-in { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .4rem .75rem; font: 14px/1.4 system-ui, sans-serif;
  background: var(--ground); color: var(--text); border-bottom: 1px solid var(--line); }
#sign-in a { display: flex; }
#sign-in input { width: 20rem; max-width: 100%; font: inherit; }
#sign-in input, #sign-in button { padding: .3rem .6rem; background: var(--field); color: var(--text); border: 1px solid var(--line); border-radius: 6px; }
#sign-in button { font: inherit; cursor: pointer; }
#sign-in output { color: var(--soft); }
#sign-in output.fault { color: var(--fault); }
@media (max-width: 40rem) {
  #graphiql { min-height: 48rem; }
  .graphiql-container .graphiql-session { flex-direction: column; }
  .graphiql-container .graphiql-horizontal-drag-bar { width: auto; height: 1rem; pointer-events: none; }
}
`;
