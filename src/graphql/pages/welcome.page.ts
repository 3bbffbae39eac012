import { DEMO_KEY, firstSteps, type Part } from './parts';

interface Reader {
  /** The address under which the reader came here. */
  origin: string;
  /** Where the key files are; null: not told. */
  keyFolder: string | null;
}

/** The page at `/`, as text for a browser. */
export const welcomePage = ({ origin, keyFolder }: Reader, parts: Part[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Praxis</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/welcome.css">
<script type="module" src="/welcome.js"></script>
</head>
<body>
<header>
<img src="/favicon.svg" alt="" width="48" height="48">
<div>
<h1>Praxis</h1>
<p>AI as a service behind one GraphQL API: upload data, train models and watch them, deploy, predict, and trace every prediction back.</p>
</div>
</header>
<main>
<section aria-labelledby="steps">
<h2 id="steps">First steps</h2>
<p>In a terminal on the machine that runs Praxis, in its folder:</p>
<ol>
${firstSteps(origin, keyFolder).map(step).join('\n')}
</ol>
<p>Or open <a href="/graphiql">GraphiQL</a>, paste the key, and send the requests that are there already.</p>
</section>
<section aria-labelledby="parts">
<h2 id="parts">What is where</h2>
<dl>
${parts.map(part).join('\n')}
</dl>
</section>
<section aria-labelledby="keys">
<h2 id="keys">Keys</h2>
<p>Every request carries <code>authorization: Bearer &lt;key&gt;</code>; a socket sends the same as <code>connectionParams.authorization</code>.
Two keys are made at the first start, in files of the data directory, ${placeOf(keyFolder)}:
<code>${DEMO_KEY}</code> owns the tenant “Demo”; <code>operator-api-key</code> sets up tenants and sees none of their data.
With <code>compose.yaml</code>, <code>docker compose run --rm keys</code> shows both.</p>
</section>
</main>
</body>
</html>
`;

const placeOf = (keyFolder: string | null): string =>
  keyFolder === null
    ? '<code>.praxis</code> or what <code>PRAXIS_DATA_DIR</code> names'
    : `here <code>${escape(keyFolder)}</code>`;

const step = ({ title, command }: { title: string; command: string }): string =>
  `<li><h3>${escape(title)}</h3><pre><code>${escape(command)}</code></pre></li>`;

const part = ({ name, address, isPage, meaning }: Part): string =>
  `<div><dt>${escape(name)}</dt><dd>${
    isPage ? `<a href="${escape(address)}">${escape(address)}</a>` : `<code>${escape(address)}</code>`
  }<span>${escape(meaning)}</span></dd></div>`;

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
