/** The slow path of validation: says what is wrong with rows, and what to do about it. */
import type { InputField, ModelCard } from '../../engine';
import { COLUMN_TYPES, type ColumnTypeEntry, shown } from '../../formats';
import { didYouMean, PraxisError, step, type Fault } from '../../kernel';
import { type CellReader, numberReader, TEXT_LENGTH_MAX, textReader } from './cell.reader';
import type { Columns, Row } from './row.cells';

type CellFault = Omit<Fault, 'path'>;

/** Where a row stands in the request. */
export type PathOfRow = (row: number) => string;

/** What is wrong with rows, as the error to throw. */
export function rowsError(
  card: ModelCard,
  rows: readonly unknown[],
  pathOf: PathOfRow = (row) => `rows[${row}]`,
): PraxisError {
  return PraxisError.invalid(faultsOfRows(card, rows, pathOf));
}

/** The same for rows that were given column by column. */
export function columnsError(card: ModelCard, columns: Columns): PraxisError {
  return PraxisError.invalid(faultsOfColumns(card, columns));
}

function* faultsOfRows(card: ModelCard, rows: readonly unknown[], pathOf: PathOfRow): Generator<Fault> {
  const inputs = inputsOf(card);
  for (const [index, row] of rows.entries()) {
    const path = pathOf(index);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      yield { path, message: `must be an object, got ${nameOf(row)}`, hint: 'send {"column": value, …}' };
      continue;
    }
    for (const name of Object.keys(row)) {
      const value = (row as Row)[name];
      const input = inputs.get(name);
      const fault = input ? cellFault(input, value) : otherFault(card, name, [value]);
      if (fault) yield { path: path + step(name), ...fault };
    }
  }
}

function* faultsOfColumns(card: ModelCard, columns: Columns): Generator<Fault> {
  const inputs = inputsOf(card);
  for (const [name, values] of Object.entries(columns)) {
    const input = inputs.get(name);
    const path = `columns${step(name)}`;
    const other = input ? null : otherFault(card, name, values);
    if (other) yield { path, ...other };
    for (const [row, value] of input ? values.entries() : []) {
      const fault = cellFault(input as InputField, value);
      if (fault) yield { path: `${path}[${row}]`, ...fault };
    }
  }
}

const inputsOf = (card: ModelCard): Map<string, InputField> => new Map(card.inputs.map((input) => [input.name, input]));

/** Compiled once, as a request may have faults by the thousand. */
const readers = new WeakMap<InputField, CellReader<unknown>>();

function cellFault(input: InputField, value: unknown): CellFault | null {
  let read = readers.get(input);
  if (!read) readers.set(input, (read = input.type === 'number' ? numberReader(input) : textReader(input)));
  if (read(value) !== null) return null;
  return input.type === 'number' ? numberFault(input, value) : textFault(value);
}

/** What may say of which group a row is. */
export const isGroup = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Of a field that the model does not read. */
function otherFault(card: ModelCard, name: string, values: unknown[]): CellFault | null {
  if (name !== card.rankedWithin) return unknownField(card, name);
  if (values.every(isGroup)) return null;
  return { message: 'says of which group a row is', hint: 'send a text or a number, or leave it out' };
}

function unknownField(card: ModelCard, name: string): CellFault {
  if (name === card.target) {
    return { message: 'is what the model predicts, not an input', hint: 'leave it out' };
  }
  // The reason may quote the data, which those who may only predict do not read.
  if (card.leftOut.some(({ column }) => column === name)) {
    return { message: 'is not used by this model', hint: 'leave it out; `leftOut` of the model card says why' };
  }
  const hint = () =>
    didYouMean(
      name,
      card.inputs.map((input) => input.name),
    );
  return { message: 'is not an input of this model', hint };
}

function numberFault({ elementType, columnType, format }: InputField, value: unknown): CellFault {
  if (typeof value === 'number') {
    const bits = elementType === 'float64' ? 64 : 32;
    return {
      message: `is beyond the range of a ${bits}-bit float: ${value}`,
      hint: 'send null where the value is unknown',
    };
  }
  const inJson = columnType && COLUMN_TYPES[columnType].inJson;
  if (inJson) return notRead(inJson, value, format);
  if (typeof value === 'boolean') return { message: `must be a number, got ${value}`, hint: 'send 1 or 0' };
  if (typeof value !== 'string') return { message: `must be a number, got ${nameOf(value)}` };
  const message = `must be a number, got the text ${shown(value)}`;
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (Number.isFinite(parsed)) return { message, hint: `send ${parsed} without quotes` };
  const asInFile = format ? `, a text as in the file of the training (${format})` : '';
  return { message, hint: `send a number${asInFile}, or null where the value is unknown` };
}

type InJson = NonNullable<ColumnTypeEntry['inJson']>;

function notRead(type: InJson, value: unknown, format: string | null | undefined): CellFault {
  const got = typeof value === 'string' ? `the text ${shown(value)}` : nameOf(value);
  const asInFile = format ? `, one as the file of the training has it (${format})` : '';
  return {
    message: `must be ${type.value}, got ${got}`,
    hint: `send a text such as ${shown(type.example)}${asInFile}, or ${type.number}`,
  };
}

function textFault(value: unknown): CellFault {
  if (typeof value === 'number' && Number.isFinite(value)) {
    return { message: `is beyond 2^53, where JSON numbers lose digits: ${value}`, hint: 'send it as a text' };
  }
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
