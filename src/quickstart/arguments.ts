import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { didYouMean, PraxisError, type Issue } from '../kernel';
import type { UploadColumnInput } from '../sdk';
import { COLUMN_TYPES, readColumn } from './columns';
import { shown } from '../formats';

export interface QuickstartOptions {
  file: string;
  /** None for the family that finds anomalies. */
  targets: string[];
  drop: string[];
  splitColumn: string | null;
  /** Types and formats that are said; the others are recognised. */
  columns: UploadColumnInput[];
  /** Null: decided from the values of the target. */
  positiveClass: string | null;
  family: string;
  epochs: number | null;
  seed: number;
  saveDir: string | null;
  json: boolean;
  /** Null: none is named. */
  server: { url: string; key: string; keyFile?: string } | null;
  /** A server of its own, although one may be running. */
  throwAway: boolean;
}

const OPTIONS = {
  target: { type: 'string', multiple: true },
  drop: { type: 'string', multiple: true },
  'split-column': { type: 'string' },
  column: { type: 'string', multiple: true },
  'positive-class': { type: 'string' },
  family: { type: 'string', default: 'auto' },
  epochs: { type: 'string' },
  seed: { type: 'string', default: '7' },
  save: { type: 'string' },
  json: { type: 'boolean', default: false },
  url: { type: 'string' },
  key: { type: 'string' },
  'throw-away': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Known = keyof typeof OPTIONS;

export const USAGE = `npm run quickstart -- FILE --target COLUMN [options]

From a file to a deployed model through the public API: upload, profile, train, evaluate, deploy, predict.

  FILE                 CSV, Parquet or JSON Lines; may be packed with gzip
  --target COLUMN      the column to predict; several between commas, or none with --family autoencoder
  --drop a,b           columns the model must not see
  --split-column C     column that holds train, test and optionally validation (val, valid, dev, eval); else a stratified 80/20 split
  --column "C: TYPE, FORMAT"
                       how a column is to be read, where its cells can be read in two ways; may be given several times.
                       TYPE is ${COLUMN_TYPES.join(', ')}. FORMAT is a name that findings and the
                       profile show, and may be left out: --column "price: NUMBER, decimal comma" --column "zip: TEXT"
  --positive-class P   of a target of two values, the one that precision, recall and F1 are of
  --family F           a model family; default auto, the best of all on the validation part
  --epochs N           most passes over the training rows
  --seed N             same seed, same model; default 7
  --save DIR           write the model file and its card there
  --json               end with one line of JSON
  --url U --key K      use this server; default the one that \`npm start\` runs on the same data directory, as its demo tenant
  --throw-away         start a server of its own and remove it afterwards, as is done when none is running
`;

/** Finds anomalies; a target is for the evaluation alone. */
export const WITHOUT_TARGET = 'autoencoder';
const MORE = 'npm run quickstart -- --help explains the options.';
const SEED_MAX = 2 ** 31 - 1;
const EPOCHS_MAX = 10_000;

/** Null when only help was asked for. Throws VALIDATION_FAILED that names every fault. */
export function readArguments(args: string[]): QuickstartOptions | null {
  const { values, positionals, faults } = parse(args);
  if (values.help) return null;
  const issues = [...faults, ...fileIssues(faults.length > 0 ? positionals.slice(0, 1) : positionals)];
  const targets = (values.target ?? []).flatMap(splitList);
  const named =
    targets.length > 0 || values.family === WITHOUT_TARGET || faults.some(({ path }) => path === '--target');
  if (!named) issues.push({ path: '--target', message: 'is needed: the column to predict, or several between commas' });
  if ((values.url === undefined) !== (values.key === undefined)) {
    issues.push({ path: values.url ? '--key' : '--url', message: 'is needed: --url and --key go together' });
  }
  if (values.url !== undefined && !URL.canParse(values.url))
    issues.push({ path: '--url', message: 'is not an address' });
  if (values.url !== undefined && values['throw-away'])
    issues.push({ path: '--throw-away', message: 'starts a server of its own: leave it out, or --url' });
  const epochs =
    values.epochs === undefined ? null : readCount('--epochs', values.epochs, { from: 1, to: EPOCHS_MAX }, issues);
  const seed = readCount('--seed', values.seed, { from: 0, to: SEED_MAX }, issues);
  const columns = saidColumns(values.column ?? [], issues);
  if (issues.length > 0) throw PraxisError.invalid(issues, `${describe(issues)}\n\n${MORE}`);
  return {
    file: positionals[0],
    targets,
    drop: (values.drop ?? []).flatMap(splitList),
    splitColumn: values['split-column'] ?? null,
    columns,
    positiveClass: values['positive-class'] ?? null,
    family: values.family,
    epochs,
    seed,
    saveDir: values.save ?? null,
    json: values.json,
    server: values.url ? { url: values.url, key: values.key! } : null,
    throwAway: values['throw-away'],
  };
}

function saidColumns(texts: string[], issues: Issue[]): UploadColumnInput[] {
  const columns: UploadColumnInput[] = [];
  for (const read of texts.map(readColumn)) {
    if (isIssue(read)) issues.push(read);
    else if (columns.some(({ name }) => name === read.name))
      issues.push({ path: '--column', message: `is given twice for ${shown(read.name)}` });
    else columns.push(read);
  }
  return columns;
}

const isIssue = (read: UploadColumnInput | Issue): read is Issue => 'message' in read;

/** Unknown options are collected with a near name instead of stopping at the first. */
function parse(args: string[]) {
  const { values, positionals, tokens } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const faults: Issue[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = OPTIONS[token.name as Known] as { type: string } | undefined;
    const names = Object.keys(OPTIONS);
    if (!known) faults.push({ path: token.rawName, message: 'is unknown', hint: didYouMean(token.name, names) });
    else if (known.type === 'string' && token.value === undefined)
      faults.push({ path: token.rawName, message: 'needs a value' });
    else if (known.type === 'boolean' && token.value !== undefined)
      faults.push({ path: token.rawName, message: 'takes no value' });
  }
  // What has no value is named in the faults and counts as left out.
  const written = Object.entries(values)
    .map(
      ([name, value]) => [name, Array.isArray(value) ? value.filter((one) => typeof one === 'string') : value] as const,
    )
    .filter(([name, value]) => OPTIONS[name as Known]?.type !== 'string' || value !== true);
  return { values: Object.fromEntries(written) as unknown as Values, positionals, faults };
}

interface Values {
  target?: string[];
  drop?: string[];
  'split-column'?: string;
  column?: string[];
  'positive-class'?: string;
  family: string;
  epochs?: string;
  seed: string;
  save?: string;
  json: boolean;
  url?: string;
  key?: string;
  'throw-away': boolean;
  help: boolean;
}

function fileIssues(positionals: string[]): Issue[] {
  const [file, ...more] = positionals;
  if (!file) return [{ path: 'FILE', message: 'is needed: a CSV, Parquet or JSON Lines file' }];
  if (more.length > 0)
    return [{ path: 'FILE', message: `is one file, got ${positionals.length}`, hint: 'quote names with spaces' }];
  if (!existsSync(file)) return [{ path: 'FILE', message: `"${file}" does not exist` }];
  if (!statSync(file).isFile()) return [{ path: 'FILE', message: `"${file}" is not a file` }];
  return statSync(file).size === 0 ? [{ path: 'FILE', message: `"${file}" is empty` }] : [];
}

function readCount(path: string, text: string, { from, to }: { from: number; to: number }, issues: Issue[]): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= from && value <= to) return value;
  issues.push({ path, message: `must be a whole number from ${from} to ${to}, got ${shown(text)}` });
  return from;
}

/** Names between commas; a comma inside a name is written \\, */
const splitList = (text: string): string[] =>
  text
    .split(/(?<!\\),/)
    .map((name) => name.trim().replaceAll('\\,', ','))
    .filter((name) => name !== '');

/** One line per fault, for a terminal. */
export function describe(issues: readonly { path: string; message: string; hint?: string | null }[]): string {
  const lines = issues.map(({ path, message, hint }) => {
    const line = `  ${path}: ${message}`;
    return hint ? `${line.replace(/\.?$/, '.')} ${sentence(hint)}` : line;
  });
  return lines.join('\n');
}

/** The API gives hints as a clause, since a client may put them anywhere. */
const sentence = (hint: string): string => hint.charAt(0).toUpperCase() + hint.slice(1).replace(/[^.?!]$/, '$&.');
