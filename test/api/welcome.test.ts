import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { buildSchema, NoDeprecatedCustomRule, parse, specifiedRules, validate } from 'graphql';
import { EXAMPLES } from '../../src/graphql/pages/graphiql.examples';
import { DATA_DIR, startPlatform } from './platform.fixture';

const platform = startPlatform();
const get = (path: string, accept?: string) =>
  fetch(`${platform.url}${path}`, { headers: accept ? { accept } : {}, redirect: 'manual' });
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

it('shows a browser what is where, and runs nothing that stands in the page', async () => {
  const answer = await get('/', BROWSER);
  const html = await answer.text();
  expect([answer.status, answer.headers.get('vary')]).toEqual([200, 'accept']);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = answer.headers.get('content-security-policy')!;
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
  expect(html).not.toMatch(/<script[^>]*>[^<]|<style|style=|\son\w+=/);
  for (const path of ['/graphql', '/graphiql', '/healthz', '/readyz', '/metrics']) {
    expect(html).toContain(`${platform.url}${path}`);
  }
  for (const name of ['demo-api-key', 'operator-api-key', 'docs/README.md']) expect(html).toContain(name);
});

it('names the key files where the data directory is, to a reader on this machine alone', async () => {
  const [here, elsewhere] = await Promise.all(
    [{}, { 'x-forwarded-for': '192.0.2.7' }].map(async (headers: object) => {
      const answer = await fetch(platform.url, { headers: { accept: BROWSER, ...headers } });
      return (await answer.text()).replaceAll('&#34;', '"').replaceAll('&#39;', "'");
    }),
  );
  expect(here).toContain(`Bearer $(cat '${DATA_DIR}/demo-api-key')"`);
  expect(here).toContain(`here <code>${DATA_DIR}</code>`);
  expect(elsewhere).toContain(`Bearer $(cat "$PRAXIS_DATA_DIR"/demo-api-key)"`);
  expect(elsewhere).not.toContain(DATA_DIR);
});

it('has every file that the page names', async () => {
  const html = await (await get('/', BROWSER)).text();
  const named = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
  expect(named).toEqual(expect.arrayContaining(['/favicon.svg', '/welcome.css', '/welcome.js', '/graphiql']));
  for (const path of [...new Set(named), '/favicon.ico']) {
    const answer = await get(path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.headers.get('content-type')).toMatch(/svg|css|javascript|html/);
    await answer.arrayBuffer();
  }
});

it.each([undefined, '*/*', 'application/json'])('answers %s with JSON', async (accept) => {
  const answer = await get('/', accept);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await answer.json()).toEqual({
    name: 'Praxis',
    graphql: `${platform.url}/graphql`,
    subscriptions: `${platform.url.replace('http', 'ws')}/graphql`,
    graphiql: `${platform.url}/graphiql`,
    health: `${platform.url}/healthz`,
    readiness: `${platform.url}/readyz`,
    metrics: `${platform.url}/metrics`,
    documentation: 'docs/README.md',
  });
});

it.each(['"><script>alert(1)</script>', 'x;reboot', '$(reboot)', "a'b", 'a b'])(
  'puts no host name into the page that is none: %s',
  async (host) => {
    const html = await new Promise<string>((resolve, reject) => {
      const headers = { host, accept: 'text/html' };
      httpRequest(platform.url, { headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString()));
      })
        .on('error', reject)
        .end();
    });
    expect(html).toContain(`${platform.url}/graphql`);
    expect(html).not.toContain(host);
  },
);

it('opens GraphiQL with requests that fit the schema', () => {
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema/schema.graphql'), 'utf8'));
  const rules = [...specifiedRules, NoDeprecatedCustomRule];
  for (const { query } of EXAMPLES) expect([query, validate(schema, parse(query), rules)]).toEqual([query, []]);
});
