import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PraxisError } from '../../src/kernel';
import { readArguments } from '../../src/quickstart/arguments';
import { readColumn, sentencesOf } from '../../src/quickstart/columns';

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
    columns: [],
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
  const more = [
    '--column',
    'x: NUMBER, decimal comma',
    '--epochs',
    '12',
    '--seed',
    '3',
    '--save',
    'out',
    '--json',
    '--url',
    'http://h:1',
    '--key',
    'k',
  ];
  expect(readArguments([...args, ...more])).toEqual({
    file,
    targets: ['b'],
    drop: ['x', 'y', 'a,b'],
    splitColumn: 's',
    columns: [{ name: 'x', type: 'NUMBER', format: 'decimal comma' }],
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

test.each([
  ['price: NUMBER', { name: 'price', type: 'NUMBER' }],
  ['price:number:decimal comma', { name: 'price', type: 'NUMBER', format: 'decimal comma' }],
  ['price=NUMBER decimal comma', { name: 'price', type: 'NUMBER', format: 'decimal comma' }],
  ['start: end: TEXT', { name: 'start: end', type: 'TEXT' }],
  ['a: text: TIMESTAMP, day, month, year', { name: 'a: text', type: 'TIMESTAMP', format: 'day, month, year' }],
  ['"a\\u200bb": BOOLEAN, ja, nein', { name: 'a\u200bb', type: 'BOOLEAN', format: 'ja, nein' }],
  ["d'or: INTEGER", { name: "d'or", type: 'INTEGER' }],
])('--column %s', (text, column) => {
  expect(readArguments([file, '--target', 'b', '--column', text])).toMatchObject({ columns: [column] });
});

const finding = {
  code: 'COMMA_NUMBERS',
  severity: 'WARNING',
  row: 1,
  message: 'So.',
  fix: 'Say it.',
  count: 1,
} as const;
const READINGS = [
  { type: 'NUMBER' as const, format: 'decimal comma' },
  { type: 'NUMBER' as const, format: 'commas between thousands, $ before it' },
];

test('what findings say to type is read back as they mean it, through a shell', () => {
  for (const column of ['price', 'a "b"', 'c: TEXT', '$HOME `id` \\', "d'or", '"q"', 'x\u200by', ' blank', 'Größe!']) {
    const text = sentencesOf({ ...finding, column, readings: READINGS });
    const [, typed] = /^So\. Say which is meant: start again with (.*)\.$/s.exec(text)!;
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${typed.replace(' or --column', ' --column')}`])
      .toString()
      .split('\0')
      .slice(0, -1);
    const read = words.filter((word) => word !== '--column').map(readColumn);
    expect(read).toEqual(READINGS.map((reading) => ({ name: column, ...reading })));
  }
  expect(sentencesOf({ ...finding, column: 'a', readings: [READINGS[0]] })).toBe(
    'So. If it is wrong, start again with --column "a: NUMBER, decimal comma".',
  );
  expect(sentencesOf({ ...finding, column: 'a', readings: null })).toBe('So. Say it.');
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
  [
    [file, '--target', 'b', '--column', 'price'],
    /--column: is NAME: TYPE or NAME: TYPE, FORMAT\. .*such as --column "price: NUMBER/i,
  ],
  [[file, '--target', 'b', '--column', 'price: NUMBR'], /names no type of a column: "NUMBR"\. Did you mean "NUMBER"\?/],
  [[file, '--target', 'b', '--column', 'a: TEXT', '--column', 'a: NUMBER'], /--column: is given twice for "a"/],
  [[file, '--target', 'b', '--json=yes'], /--json: takes no value/],
])('%j is refused', (args, message) => expect(refusal(args)).toMatch(message));

test('names every fault at once', () => {
  const message = refusal(['missing.csv', '--tarjet', 'b', '--seed', 'x']);
  for (const part of ['missing.csv', '--tarjet', '--target: is needed', '--seed']) expect(message).toContain(part);
});
