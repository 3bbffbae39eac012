/** The slow path of validation: says what is wrong with rows, and what to do about it. */
import type { InputField, ModelCard } from '../engine';
import { didYouMean, type Issue } from '../kernel';
import { isNumberCell, isTextCell, TEXT_LENGTH_MAX, type Row } from './row.cells';

const ISSUES_MAX = 20;

/** The first faults, and a summary that counts all of them: the arguments of `PraxisError.invalid`. */
export function explainRows(card: ModelCard, rows: readonly unknown[]): [Issue[], string] {
  const inputs = new Map(card.inputs.map((input) => [input.name, input]));
  const issues: Issue[] = [];
  let faults = 0;
  let faultyRows = 0;
  rows.forEach((row, index) => {
    const before = faults;
    for (const issue of rowIssues(card, inputs, row)) {
      faults++;
      if (issues.length < ISSUES_MAX) issues.push({ ...issue, path: `rows[${index}]${issue.path}` });
    }
    if (faults > before) faultyRows++;
  });
  const [{ path, message }] = issues;
  const more = faults > issues.length ? `; the first ${ISSUES_MAX} are listed` : '';
  if (faults === 1) return [issues, `${path} ${message}.`];
  return [issues, `${faults} faults in ${faultyRows} of ${rows.length} rows${more}. First: ${path} ${message}.`];
}

/** Paths are relative to the row. */
function* rowIssues(card: ModelCard, inputs: Map<string, InputField>, row: unknown): Generator<Issue> {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    yield { path: '', message: `must be an object, got ${nameOf(row)}`, hint: 'send {"column": value, …}' };
    return;
  }
  for (const [name, value] of Object.entries(row as Row)) {
    const input = inputs.get(name);
    const path = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name.slice(0, 100))}]`;
    if (!input) yield { path, ...unknownField(card, name) };
    else if (input.type === 'number' && !isNumberCell(value)) yield { path, ...numberFault(value) };
    else if (input.type === 'category' && !isTextCell(value)) yield { path, ...textFault(value) };
  }
}

function unknownField(card: ModelCard, name: string): Omit<Issue, 'path'> {
  if (name === card.target) {
    return { message: 'is what the model predicts, not an input', hint: 'leave it out' };
  }
  const leftOut = card.leftOut.find(({ column }) => column === name);
  if (leftOut) return { message: `is not used by this model (${leftOut.reason})`, hint: 'leave it out' };
  const names = card.inputs.map((input) => input.name);
  return { message: 'is not an input of this model', hint: didYouMean(name.slice(0, 100), names) };
}

function numberFault(value: unknown): Omit<Issue, 'path'> {
  if (typeof value === 'number') {
    return { message: `is beyond the range of a 32-bit float: ${value}`, hint: 'send null where the value is unknown' };
  }
  if (typeof value === 'boolean') return { message: `must be a number, got ${value}`, hint: 'send 1 or 0' };
  if (typeof value !== 'string') return { message: `must be a number, got ${nameOf(value)}` };
  const message = `must be a number, got the text ${JSON.stringify(value.slice(0, 40))}`;
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (Number.isFinite(parsed)) return { message, hint: `send ${parsed} without quotes` };
  return { message, hint: 'send a number, or null where the value is unknown' };
}

function textFault(value: unknown): Omit<Issue, 'path'> {
  if (typeof value !== 'string') return { message: `must be text, got ${nameOf(value)}` };
  if (value.length > TEXT_LENGTH_MAX) {
    return { message: `has ${value.length} characters, more than ${TEXT_LENGTH_MAX}`, hint: 'shorten it' };
  }
  return { message: 'holds a NUL or half a surrogate pair', hint: 'send valid Unicode text without NUL' };
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
