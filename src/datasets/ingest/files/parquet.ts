import { open } from 'node:fs/promises';
import { typeOfStored } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { literal } from '../../tables/duck';
import { counted, refusal, refuse, RefusedFile, shown, warning, FINDINGS_LISTED_MAX, type Finding } from '../finding';
import { checkHeader, COLUMNS_MAX, tooManyColumns } from '../csv/header';
import { RAW_TABLE, trimmedText } from '../raw';
import { columnFault } from './read-fault';
import { checkCells, checkDecoded, checkPackedCells, checkTextLength, type SizeLimits } from './size-limits';

export interface ParquetShape {
  names: string[];
  /** DuckDB's names of the column types. */
  types: string[];
  /** Of each column: the file says that it holds texts. */
  isText: boolean[];
  rowCount: number;
}

/**
 * Reads the metadata of a Parquet file, or refuses the file with findings that name columns. Nothing is decoded before it
 * is known how much that would be: the metadata says how many values there are, and texts are added up without being kept.
 */
export async function checkParquet(
  duck: Duck,
  path: string,
  { findings, limits }: { findings: Finding[]; limits: SizeLimits },
): Promise<ParquetShape> {
  const byteCount = await checkFooter(path);
  const file = literal(path);
  const columns = await topLevelColumns(duck, file).catch((error: unknown) => {
    throw NO_COLUMN.test(String(error)) ? noColumn() : error;
  });
  const names = checkHeader(
    columns.map(({ name }) => name),
    findings,
  );
  const rowCount = await countRows(duck, file);
  if (rowCount === 0)
    refuse('NO_ROWS', { message: 'The file has no row.', fix: 'Check the export, then send it again.' });
  checkCells(limits, rowCount, names.length);
  checkPackedCells(limits, byteCount, rowCount * names.length);
  const described = await duck.rows<{ column_type: string }>(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const types = described.map(({ column_type: type }, index) => wideDecimal(columns[index]) ?? type);
  checkTypes(names, types);
  const isText = types.map((type) => DECLARED_TEXT.test(type));
  const shape = { names, types, isText, rowCount };
  await checkTexts(duck, file, shape, limits).catch(async (error: unknown) => {
    throw await columnFault(duck, error, { names, source: tableOf(file, shape) });
  });
  return shape;
}

export async function loadParquet(
  duck: Duck,
  path: string,
  { shape, findings }: { shape: ParquetShape; findings: Finding[] },
): Promise<void> {
  const file = tableOf(literal(path), shape);
  const stored = shape.types.map((type, index) => storedValue(type, `c${index}`));
  for (const [index, type] of shape.types.entries()) {
    const decimal = DECIMAL.exec(type);
    if (decimal && Number(decimal[2]) > 0 && Number(decimal[1]) > DOUBLE_DIGITS) {
      const lost = await lostDigits(duck, file, { at: index, type });
      if (lost && lost.fractions === 0)
        stored[index] = trimmedText(`CAST(CAST(c${index} AS DECIMAL(38,0)) AS VARCHAR)`);
      else if (lost) findings.push(digitsLost(shape.names[index], lost));
    }
  }
  const values = stored.map((value, index) => `${value} AS c${index}`).join(', ');
  await duck.run(`CREATE TABLE ${RAW_TABLE} AS SELECT ${values} FROM ${file}`).catch(async (error: unknown) => {
    throw await columnFault(duck, error, { names: shape.names, source: file });
  });
}

interface LostDigits {
  count: number;
  /** Values of the column that are not whole; without any, it is of keys. */
  fractions: number;
  value: string;
  read: number;
}

/** Values of a decimal column that a number does not hold as they are; null for none. */
async function lostDigits(
  duck: Duck,
  file: string,
  { at, type }: { at: number; type: string },
): Promise<LostDigits | null> {
  const c = `c${at}`;
  const double = `CAST(${c} AS DOUBLE)`;
  // What comes back is compared with as many digits as a number always holds.
  const isLost = `(${c} IS NOT NULL AND TRY_CAST(${double} AS ${type}) IS DISTINCT FROM ${c} AND ${significant(c)} > ${DOUBLE_DIGITS})`;
  const found = await duck.one<LostDigits>(
    `SELECT count_if(${isLost}) AS count, count_if(${c} <> trunc(${c})) AS fractions,
       CAST(any_value(${c}) FILTER (${isLost}) AS VARCHAR) AS value, any_value(${double}) FILTER (${isLost}) AS read FROM ${file}`,
  );
  return found.count > 0 ? found : null;
}

/** Digits of a decimal without zeros before and behind. */
const significant = (column: string): string =>
  `length(trim(trim(replace(CAST(abs(${column}) AS VARCHAR), '.', ''), '0')))`;

const digitsLost = (column: string, { count, value, read }: LostDigits): Finding =>
  warning('DIGITS_LOST', {
    column,
    count,
    message: `${shown(column)}: ${counted(count, 'value')} with more digits than a number holds, such as ${value}, read as ${read}.`,
    fix: 'Nothing to do for measurements. If they are keys, write the column as text.',
  });

/** The file with its columns as c0, c1 … */
const tableOf = (file: string, { names }: ParquetShape): string =>
  `read_parquet(${file}) AS file(${names.map((_, index) => `c${index}`).join(', ')})`;

/** Above this a footer describes more columns or row groups than any file within the limits. */
const FOOTER_BYTES_MAX = 64 * 1024 * 1024;
/** A footer ends with its length, 4 bytes, and "PAR1". */
const TAIL_BYTES = 8;

/** Metadata is held in memory as a whole, so its length is looked at first. Gives the size of the file. */
async function checkFooter(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(TAIL_BYTES);
    await file.read(tail, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
    const footer = tail.readUInt32LE(0);
    if (tail.toString('latin1', 4) !== 'PAR1') throw cutOff(size);
    if (footer + TAIL_BYTES > size)
      throw damaged(`: its metadata would take ${counted(footer, 'byte')} of ${size.toLocaleString('en-US')}`);
    if (footer <= FOOTER_BYTES_MAX) return size;
    return refuse('TOO_MANY_COLUMNS', {
      message: `The metadata of the file takes ${counted(footer, 'byte')}; at most ${FOOTER_BYTES_MAX.toLocaleString('en-US')} are accepted.`,
      fix: 'Write fewer columns, and larger row groups.',
    });
  } finally {
    await file.close();
  }
}

/** Two places say it; what is read is what the row groups say. */
async function countRows(duck: Duck, file: string): Promise<number> {
  const { rows } = await duck.one<{ rows: number }>(`SELECT sum(num_rows) AS rows FROM parquet_file_metadata(${file})`);
  const { grouped } = await duck.one<{ grouped: number }>(
    `SELECT coalesce(sum(row_group_num_rows), 0) AS grouped FROM parquet_metadata(${file}) WHERE column_id = 0`,
  );
  if (rows !== grouped || rows < 0) throw damaged();
  return rows;
}

/** A dictionary holds a text once, however often it stands in the table. */
async function checkTexts(duck: Duck, file: string, shape: ParquetShape, limits: SizeLimits): Promise<void> {
  const texts = shape.types.flatMap((type, index) => (UNBOUNDED.test(type) ? [index] : []));
  // Without a text there would be no aggregate, and a row of the answer for each row of the file.
  if (texts.length === 0)
    return checkDecoded(limits, { plainCells: shape.rowCount * shape.types.length, textBytes: 0 });
  const lengths = texts.map((at) => `strlen(CAST(c${at} AS VARCHAR))`);
  const sums = lengths.map((length) => `coalesce(sum(${length}), 0)`);
  const longest = lengths.map((length) => `coalesce(max(${length}), 0)`);
  const nuls = texts.map((at) => `coalesce(max(CAST(contains(CAST(c${at} AS VARCHAR), chr(0)) AS INTEGER)), 0)`);
  const { bytes, longs, hasNul } = await duck.one<{ bytes: number[]; longs: number[]; hasNul: number[] }>(
    `SELECT ${listOfValues(sums)} AS bytes, ${listOfValues(longest)} AS longs, ${listOfValues(nuls)} AS "hasNul"
     FROM ${tableOf(file, shape)}`,
  );
  const nul = hasNul.indexOf(1);
  if (nul >= 0) throw nulInText(shape.names[texts[nul]]);
  texts.forEach((at, i) => checkTextLength(shape.names[at], longs[i]));
  const textBytes = bytes.reduce((sum, length) => sum + length, 0);
  checkDecoded(limits, { plainCells: shape.rowCount * (shape.types.length - texts.length), textBytes });
}

const listOfValues = (expressions: string[]): string =>
  `[${expressions.map((e) => `CAST(${e} AS DOUBLE)`).join(', ')}]`;

const nulInText = (column: string): RefusedFile =>
  new RefusedFile([
    refusal('UNREADABLE', {
      column,
      message: `Column ${shown(column)} has texts with a NUL character, which is no text.`,
      fix: 'Remove it, or write null where nothing is known.',
    }),
  ]);

const damaged = (how = ''): RefusedFile =>
  new RefusedFile([
    refusal('UNREADABLE', {
      message: `The Parquet file is damaged or was cut off${how}.`,
      fix: 'Write it again, then send it again.',
    }),
  ]);

/** DuckDB's words for a table without any; it reads nothing of it. */
const NO_COLUMN = /at least one non-root column/;

const noColumn = (): RefusedFile =>
  new RefusedFile([
    refusal('EMPTY_FILE', {
      message: 'The Parquet file has no column.',
      fix: 'Check which columns the export selects, then send it again.',
    }),
  ]);

const cutOff = (size: number): RefusedFile =>
  new RefusedFile([
    refusal('UNREADABLE', {
      message: `The Parquet file is damaged or was cut off: it ends at byte ${size.toLocaleString('en-US')} without the mark PAR1, before which its metadata stand.`,
      fix: 'Send the whole file; where it is as long as the original, write that again, and close the writer before the file is sent.',
    }),
  ]);

/** With all that is nested in columns; a table of plain values has one for each column. */
const SCHEMA_NODES_MAX = 10 * COLUMNS_MAX;

/** A column as the file's own schema has it. */
interface SchemaColumn {
  name: string;
  num_children: number | null;
  /** Of decimals. */
  precision: number | null;
  scale: number | null;
}

/** The columns in the file's own spelling; the children of nested ones are skipped. */
async function topLevelColumns(duck: Duck, file: string): Promise<SchemaColumn[]> {
  const [root, ...nodes] = await duck.rows<SchemaColumn>(
    `SELECT name, num_children, precision, scale FROM parquet_schema(${file}) LIMIT ${SCHEMA_NODES_MAX}`,
  );
  const count = root?.num_children ?? 0;
  if (count > COLUMNS_MAX) throw tooManyColumns(count);
  const columns: SchemaColumn[] = [];
  let nested = 0;
  for (const node of nodes) {
    if (nested === 0) columns.push(node);
    else nested--;
    nested += node.num_children ?? 0;
  }
  if (columns.length !== count) throw damaged();
  return columns;
}

/** DuckDB has decimals of so many digits; longer ones it gives as DOUBLE, and as other numbers than the file holds. */
const DECIMAL_DIGITS_MAX = 38;

const wideDecimal = ({ precision, scale }: SchemaColumn): string | null =>
  precision !== null && precision > DECIMAL_DIGITS_MAX ? `DECIMAL(${precision},${scale ?? 0})` : null;

const isWide = (type: string): boolean => Number(DECIMAL.exec(type)?.[1] ?? 0) > DECIMAL_DIGITS_MAX;

const NUMERIC = /^(U?(TINY|SMALL)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+, ?[1-9]\d*\))$/;
/** Whole numbers of any size: keys of databases are decimals without a fraction as well. */
const LARGE = /^(U?(BIGINT|HUGEINT)|DECIMAL\(\d+, ?0\))$/;
const DECIMAL = /^DECIMAL\((\d+), ?(\d+)\)$/;
/** A number holds as many decimal digits of any value. */
const DOUBLE_DIGITS = 15;
const UNBOUNDED = /^(VARCHAR|ENUM\(.*\)|JSON)$/;
const DECLARED_TEXT = /^(VARCHAR|UUID|ENUM\(.*\)|JSON)$/;
const TEXTUAL = /^(VARCHAR|UUID|TIME.*|INTERVAL|ENUM\(.*\)|JSON)$/;

const READ = [NUMERIC, LARGE, TEXTUAL, /^(BOOLEAN|DATE|TIMESTAMP.*)$/];
const isRead = (type: string): boolean => READ.some((types) => types.test(type)) && !isWide(type);

function checkTypes(names: string[], types: string[]): void {
  const faults = types.flatMap((type, index) =>
    isRead(type) ? [] : [unsupported(names[index] || `column ${index + 1}`, type)],
  );
  if (faults.length > 0) throw new RefusedFile(faults.slice(0, FINDINGS_LISTED_MAX));
}

const unsupported = (column: string, type: string): Finding =>
  refusal('UNSUPPORTED_TYPE', {
    column,
    message: `Column ${shown(column)} has the type ${type.slice(0, 60)}, which a table for training cannot hold.`,
    fix: howToMend(type),
  });

function howToMend(type: string): string {
  if (type === 'BLOB') return 'Write text columns as UTF-8 strings; leave out binary ones.';
  if (isWide(type)) return `Write it with at most ${DECIMAL_DIGITS_MAX} digits, or as text.`;
  return 'Flatten the column to plain values.';
}

/** Wide integers go through text, so that those that do not fit a number exactly are seen by the type inference. */
function storedValue(type: string, column: string): string {
  if (NUMERIC.test(type)) return `CAST(${column} AS DOUBLE)`;
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return orInfinite(column, typeOfStored(type) ? type : 'TIMESTAMP');
  if (typeOfStored(type)) return column;
  return trimmedText(`CAST(${column} AS VARCHAR)`);
}

/** A date may be further away than a time can be; clearFarTimes then says so. */
const orInfinite = (column: string, type: string): string =>
  `CASE WHEN ${column} IS NOT NULL THEN coalesce(TRY_CAST(TRY_CAST(${column} AS TIMESTAMP) AS ${type}), 'infinity'::${type}) END`;
