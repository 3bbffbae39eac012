import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLES } from '../../src/graphql/pages/graphiql.examples';
import { firstSteps } from '../../src/graphql/pages/parts';
import { Product } from '../process/product.fixture';
import { readSteps, type Step } from './document';
import { Walk, type Answer } from './walk';

/** A reader who follows the README from the top, then the page at `/`, then the tabs of GraphiQL, on a product just started. */

jest.setTimeout(600_000);

let product: Product;
let walk: Walk;
beforeAll(async () => {
  product = await Product.prepare({ DATABASE_URL: '' });
  walk = new Walk(product);
});
afterAll(() => product.remove());

it('runs every command and operation of the README in order', async () => {
  const answers: { step: Step; answer: Answer }[] = [];
  for (const step of stepsOf('README.md')) {
    answers.push({ step, answer: await walk.take(step) });
  }
  const outputOf = (command: string) =>
    answers.find(({ step }) => step.kind === 'command' && step.text.startsWith(command))?.answer.output;
  const lastOf = (name: string) =>
    answers
      .find(({ step }) => step.kind === 'operation' && new RegExp(`^\\w+ ${name}\\b`).test(step.query))
      ?.answer.data?.at(-1);
  expect(outputOf('curl -s')).toBe('{"data":{"me":{"role":"OWNER","tenant":{"name":"Demo"}}}}\n');
  expect(outputOf('npm run quickstart')).toContain(`server   http://localhost:${product.port}, which is running`);
  expect(outputOf('npm run quickstart')).toContain('rocAuc');
  expect(lastOf('LookAtData').datasetVersionById.rowCount).toBe(2_000);
  expect(lastOf('RunEvents').runEvents.event).toMatchObject({ __typename: 'RunStateChanged', state: 'SUCCEEDED' });
  expect(lastOf('Evaluation').runById.state).toBe('SUCCEEDED');
  expect(lastOf('Predict').predict.predictions[0].value).toMatch(/^(yes|no)$/);
  const kinds = lastOf('Lineage').lineage.nodes.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['DatasetVersion', 'Run', 'ModelVersion', 'Prediction']));
  expect(lastOf('CaseRun').caseRunById).toMatchObject({ state: 'SUCCEEDED', met: true });
});

it('downloads the model and runs it outside, by the guide', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'praxis-onnx-guide-'));
  try {
    const outside = walk.in(folder);
    const answers: Answer[] = [];
    for (const step of stepsOf('docs/guides/onnx.md')) answers.push(await outside.take(step));
    // Of two rows, the first is over the limit of its quality for wear times torque.
    expect(answers.at(-1)!.output).toMatch(/^\[ 'yes', 'no' \] Float32Array\(4\)/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('runs the commands of the page at / in order', async () => {
  for (const { command } of firstSteps(`http://localhost:${product.port}`, '.praxis')) {
    const { output } = await walk.take({ kind: 'command', line: 0, text: command, language: 'sh' });
    expect(output).not.toContain('"errors"');
  }
});

it('sends the requests of the tabs of GraphiQL in order', async () => {
  const document = EXAMPLES.map(
    ({ query, variables = {} }) =>
      `\`\`\`graphql\n${query}\`\`\`\n\`\`\`json\n${JSON.stringify(variables)}\n\`\`\`\n${keepOf(query)}\n`,
  );
  for (const step of readSteps(document.join(''))) await walk.take(step);
});

const stepsOf = (path: string): Step[] => readSteps(readFileSync(join(__dirname, '../..', path), 'utf8'));

/** The comments say what to keep as the README does, without its quotes. */
const keepOf = (query: string): string =>
  [...query.matchAll(/Keep ([\w.]+) as (<\w+>)/g)].map(([, path, name]) => `\`${path}\` as \`${name}\``).join(', ');
