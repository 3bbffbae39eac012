import type { InputField } from '../../engine';
import { BOOLEAN_FORMATS, COLUMN_TYPES, type Format, formatReader, isMissingWord, normalText } from '../../formats';

/** What one input of a model makes of a cell; compiled once per model version. Null is a cell that it cannot read. */
export type CellReader<T> = (cell: unknown) => T | null;

/** As long as a value of a file may be, so that each value that a model has seen can be sent. */
export const TEXT_LENGTH_MAX = 2_000_000;
/** What models written before take as 32-bit floats: a larger number would become infinite. */
const FLOAT32_MAX = 3.4028234663852886e38;
/** NUL and lone surrogates: neither PostgreSQL nor UTF-8 can hold them. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;
/** Already in its normal form, as nearly all texts are. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

const numberMax = ({ elementType }: InputField): number => (elementType === 'float64' ? Number.MAX_VALUE : FLOAT32_MAX);

/** A number as JSON has it, or as the file of the training had it; NaN is missing. */
export function numberReader(input: InputField): CellReader<number> {
  const max = numberMax(input);
  const readText = textNumber(formatsOf(input));
  return (cell) => {
    if (typeof cell === 'number') return isWithin(cell, max) ? cell : null;
    if (cell === null || cell === undefined) return NaN;
    const number = typeof cell === 'string' ? readText(cell) : null;
    return number !== null && (Number.isNaN(number) || isWithin(number, max)) ? number : null;
  };
}

const isWithin = (number: number, max: number): boolean => number <= max && number >= -max;

/** A text as its level is called; '' is missing. */
export function textReader({ columnType, cellFormat }: InputField): CellReader<string> {
  const unwrap = cellFormat?.kind === 'text' ? formatReader(cellFormat) : null;
  const form = (text: string): string => {
    // Model versions made before know their levels as those files were read.
    if (!columnType) return text;
    const cell = normal(text);
    return unwrap ? String(unwrap(cell) ?? cell) : cell;
  };
  if (columnType && COLUMN_TYPES[columnType].levels) return truthReader(cellFormat ?? BOOLEAN_FORMATS[0]);
  return (cell) => {
    if (cell === null || cell === undefined) return '';
    if (typeof cell === 'string') return isStorable(cell) ? form(cell) : null;
    if (typeof cell === 'number') return Number.isFinite(cell) && isExact(cell, columnType) ? String(cell) : null;
    return typeof cell === 'boolean' ? String(cell) : null;
  };
}

/** How texts of a number input are read: as in the file, then as JSON has them; none where only JSON numbers are. */
const formatsOf = ({ columnType, cellFormat }: InputField): Format[] =>
  [cellFormat, columnType && COLUMN_TYPES[columnType].inJson?.format].filter((format) => !!format);

function textNumber(formats: readonly Format[]): (text: string) => number | null {
  if (formats.length === 0) return () => null;
  const readers = formats.map(formatReader);
  return (text) => {
    const cell = normal(text);
    if (cell === '' || isMissingWord(cell)) return NaN;
    for (const read of readers) {
      const value = read(cell);
      if (value !== undefined) return Number(value);
    }
    return null;
  };
}

const readPlainTruth = formatReader(BOOLEAN_FORMATS[0]);

/** In the words of the file, and as true and false. */
function truthReader(format: Format): CellReader<string> {
  const readTruth = formatReader(format);
  return (cell) => {
    if (cell === null || cell === undefined) return '';
    if (cell === 1 || cell === 0) return String(cell === 1);
    if (typeof cell === 'boolean' || (typeof cell === 'number' && Number.isFinite(cell))) return String(cell);
    if (typeof cell !== 'string' || !isStorable(cell)) return null;
    const text = normal(cell);
    return isMissingWord(text) ? '' : String(readTruth(text) ?? readPlainTruth(text) ?? text);
  };
}

const normal = (text: string): string => (PLAIN.test(text) ? text : normalText(text));

export const isStorable = (text: string): boolean => text.length <= TEXT_LENGTH_MAX && !UNSTORABLE.test(text);

/** A whole number beyond 2^53 has lost digits before it came here: it may be the name of another. */
const isExact = (number: number, columnType: InputField['columnType']): boolean =>
  !columnType || !Number.isInteger(number) || Number.isSafeInteger(number);
