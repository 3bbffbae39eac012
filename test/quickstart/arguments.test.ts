import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PraxisError } from '../../src/kernel';
import { readArguments } from '../../src/quickstart/arguments';

const folder = mkdtempSync(join(tmpdir(), 'praxis-arguments-'));
const file = join(folder, 'some.csv');
writeFileSync(file, 'a,b\n1,2\n');
const empty = join(folder, 'empty.csv');
writeFileSync(empty, '');
afterAll(() => rmSync(folder, { recursive: true }));

function refusal(args: string[]): string {
  try {
    readArguments(args);
  } catch (error) {
    if (error instanceof PraxisError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

test('defaults', () => {
  expect(readArguments([file, '--target', 'b'])).toEqual({
    file,
    targets: ['b'],
    drop: [],
    splitColumn: null,
    family: 'auto',
    positiveClass: null,
    epochs: null,
    seed: 7,
    saveDir: null,
    json: false,
    server: null,
    throwAway: false,
  });
});

test('every option', () => {
  const args = [file, '--target=b', '--drop', 'x, y', '--drop', 'a\\,b', '--split-column', 's', '--family', 'mlp'];
  const more = ['--epochs', '12', '--seed', '3', '--save', 'out', '--json', '--url', 'http://h:1', '--key', 'k'];
  expect(readArguments([...args, ...more])).toEqual({
    file,
    targets: ['b'],
    drop: ['x', 'y', 'a,b'],
    splitColumn: 's',
    family: 'mlp',
    positiveClass: null,
    epochs: 12,
    seed: 3,
    saveDir: 'out',
    json: true,
    server: { url: 'http://h:1', key: 'k' },
    throwAway: false,
  });
});

test('several targets; none where anomalies are looked for', () => {
  expect(readArguments([file, '--target', 'a, b'])).toMatchObject({ targets: ['a', 'b'] });
  expect(readArguments([file, '--family', 'autoencoder'])).toMatchObject({ targets: [] });
});

test('help asks for nothing else', () => expect(readArguments(['--help'])).toBeNull());

test.each([
  [['missing.csv', '--target', 'b'], /"missing.csv" does not exist/],
  [[folder, '--target', 'b'], /is not a file/],
  [[empty, '--target', 'b'], /is empty/],
  [[file], /--target: is needed/],
  [[file, '--target'], /--target: needs a value/],
  [[], /FILE: is needed/],
  [[file, 'more.csv', '--target', 'b'], /FILE: is one file, got 2\. Quote names with spaces\./],
  [[file, '--tarjet', 'b'], /--tarjet: is unknown. Did you mean "target"\?/],
  [[file, '--target', 'b', '--seed', '1.5'], /--seed: must be a whole number/],
  [[file, '--target', 'b', '--epochs', '0'], /--epochs: must be a whole number from 1/],
  [[file, '--target', 'b', '--url', 'http://h'], /--key: is needed/],
  [[file, '--target', 'b', '--url', 'nowhere', '--key', 'k'], /--url: is not an address/],
  [[file, '--target', 'b', '--json=yes'], /--json: takes no value/],
])('%j is refused', (args, message) => expect(refusal(args)).toMatch(message));

test('names every fault at once', () => {
  const message = refusal(['missing.csv', '--tarjet', 'b', '--seed', 'x']);
  for (const part of ['missing.csv', '--tarjet', '--target: is needed', '--seed']) expect(message).toContain(part);
});
