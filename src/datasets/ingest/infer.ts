import type { Duck } from '../duck';
import { readCommaNumbers } from './comma-numbers';
import { counted, info, refusal, refuse, RefusedFile, shown, warning, type Finding } from './finding';
import { RAW_TABLE } from './raw';

export const COLUMN_TYPES = ['INTEGER', 'NUMBER', 'BOOLEAN', 'TIMESTAMP', 'TEXT'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface TypedColumn {
  index: number;
  name: string;
  type: ColumnType;
  /** Over the raw table: DOUBLE, BOOLEAN, TIMESTAMP or VARCHAR; NULL is missing. */
  expression: string;
}

/** Texts that stand for a missing value in a column that otherwise holds numbers, booleans or times; lower case. */
const MISSING_TOKENS = ['?', 'na', 'n/a', '#n/a', 'nan', 'null', 'none', 'nil', '-', '--', '.', 'missing', 'unknown'];
const TOKENS = `(${MISSING_TOKENS.map((token) => `'${token}'`).join(', ')})`;
/** Above this share of numbers a text column was probably meant to be numeric. */
const MOSTLY = 0.5;
const EXAMPLES = 3;

interface Tally {
  present: number;
  numbers: number;
  infinite: number;
  tokens: number;
  booleans: number;
  leadingZeros: number;
  fractions: number;
  /** Whole numbers written with digits only, beyond 2^53. */
  large: number;
  /** Beyond 2^53, however written. */
  huge: number;
}

/** Decides the type of one column of the raw table from all its values, and says what was treated specially. */
export async function inferColumn(duck: Duck, index: number, name: string, findings: Finding[]): Promise<TypedColumn> {
  const column = `c${index}`;
  const { physical } = await duck.one<{ physical: string }>(
    `SELECT typeof(${column}) AS physical FROM ${RAW_TABLE} LIMIT 1`,
  );
  if (physical === 'BOOLEAN') return { index, name, type: 'BOOLEAN', expression: column };
  if (physical === 'TIMESTAMP') return { index, name, type: 'TIMESTAMP', expression: column };
  const tally = await duck.one<Tally>(tallySql(column));
  const type = physical === 'DOUBLE' ? numberType(tally) : await textType(duck, column, tally);
  const plain = tally.numbers + tally.infinite + tally.tokens;
  const commas = type === 'TEXT' ? await readCommaNumbers(duck, { index, name }, { ...tally, plain }) : null;
  const typed = commas?.expression
    ? { index, name, type: 'NUMBER' as const, expression: expressionOf('NUMBER', commas.expression) }
    : { index, name, type, expression: expressionOf(type, column) };
  if (commas) findings.push(commas.finding);
  if (!commas || commas.expression) findings.push(...(await remarks(duck, typed, tally, physical)));
  return typed;
}

/**
 * The column as its sender says it is: exactly that, or the file is refused with the first row that does not fit. Text is
 * kept as it was written; words that stand for missing values are missing in the other types.
 */
export async function columnAs(
  duck: Duck,
  { index, name, type }: { index: number; name: string; type: ColumnType },
  findings: Finding[],
): Promise<TypedColumn> {
  const column = `c${index}`;
  const { physical } = await duck.one<{ physical: string }>(
    `SELECT typeof(${column}) AS physical FROM ${RAW_TABLE} LIMIT 1`,
  );
  const isText = physical === 'VARCHAR';
  if (isText && type === 'TEXT') return { index, name, type, expression: expressionOf(type, column) };
  const noticed: Finding[] = [];
  const inferred = await inferColumn(duck, index, name, noticed);
  const isIt = inferred.type === type || (inferred.type === 'INTEGER' && type === 'NUMBER');
  if (!isIt) {
    if (!isText && !(physical === 'DOUBLE' && type === 'INTEGER')) throw ofAnotherType(inferred, type);
    await refuseMisfits(duck, inferred, type);
    const typed = { index, name, type, expression: expressionOf(type, column) };
    const tally = await duck.one<Tally>(tallySql(column));
    findings.push(...(await remarks(duck, typed, tally, physical)), ...digitsLost(typed, tally));
    return typed;
  }
  findings.push(...noticed);
  return { ...inferred, type };
}

/** Of a present value: does it fit? */
const FITS: Record<ColumnType, (column: string) => string> = {
  TEXT: () => 'true',
  NUMBER: (column) => `TRY_CAST(${column} AS DOUBLE) IS NOT NULL`,
  INTEGER: (column) => `(trunc(TRY_CAST(${column} AS DOUBLE)) = TRY_CAST(${column} AS DOUBLE)
    AND abs(TRY_CAST(${column} AS DOUBLE)) <= 9007199254740992)`,
  BOOLEAN: (column) => `lower(${column}) IN ('true', 'false')`,
  TIMESTAMP: (column) => `${timeOf(column)} IS NOT NULL`,
};

async function refuseMisfits(duck: Duck, { index, name }: TypedColumn, type: ColumnType): Promise<void> {
  const c = `c${index}`;
  const misfit = `${c} IS NOT NULL AND lower(CAST(${c} AS VARCHAR)) NOT IN ${TOKENS} AND (${FITS[type](c)}) IS NOT TRUE`;
  const { count, at, value } = await duck.one<{ count: number; at: number | null; value: string }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS at, arg_min(CAST(${c} AS VARCHAR), rowid) AS value
     FROM ${RAW_TABLE} WHERE ${misfit}`,
  );
  if (at === null) return;
  refuse('COLUMN_MISMATCH', {
    ...{ column: name, row: at, count },
    message: `${shown(name)} was said to be ${type}, but row ${at} holds ${shown(value)}; ${counted(count, 'value')} ${count === 1 ? 'does' : 'do'} not fit.`,
    fix: 'Correct the values, or say another type of the column.',
  });
}

const ofAnotherType = ({ name, type: found }: TypedColumn, type: ColumnType): RefusedFile =>
  new RefusedFile([
    refusal('COLUMN_MISMATCH', {
      column: name,
      message: `${shown(name)} was said to be ${type}, but the file itself holds it as ${found}.`,
      fix: 'Say its own type, or nothing, of a column that the file has typed.',
    }),
  ]);

/** Whoever asks for a number gets the nearest one, and is told. */
const digitsLost = ({ name, type }: TypedColumn, { large }: Tally): Finding[] =>
  type !== 'NUMBER' || large === 0
    ? []
    : [
        warning('LARGE_INTEGER', {
          column: name,
          count: large,
          message: `${shown(name)}: ${counted(large, 'whole number')} beyond 2^53 lose digits, as the column was said to be NUMBER.`,
          fix: 'Say TEXT where these are names.',
        }),
      ];

const isToken = 'lower(CAST(v AS VARCHAR)) IN ' + TOKENS;
const isNumber = `(d IS NOT NULL AND isfinite(d))`;

const tallySql = (column: string): string => `
  SELECT count(v) AS present, count_if(${isNumber}) AS numbers, count_if(d IS NOT NULL AND isinf(d)) AS infinite,
    count_if(NOT ${isNumber} AND ${isToken}) AS tokens,
    count_if(NOT ${isNumber} AND lower(CAST(v AS VARCHAR)) IN ('true', 'false')) AS booleans,
    count_if(${isNumber} AND regexp_matches(CAST(v AS VARCHAR), '^[+-]?0[0-9]')) AS "leadingZeros",
    count_if(${isNumber} AND d <> trunc(d)) AS fractions,
    count_if(${isNumber} AND abs(d) > 9007199254740992) AS huge,
    count_if(${isNumber} AND abs(d) >= 9007199254740992 AND regexp_full_match(CAST(v AS VARCHAR), '[+-]?[0-9]+')) AS large
  FROM (SELECT ${column} AS v, TRY_CAST(${column} AS DOUBLE) AS d FROM ${RAW_TABLE})`;

const numberType = ({ numbers, fractions, huge }: Tally): ColumnType =>
  numbers > 0 && fractions === 0 && huge === 0 ? 'INTEGER' : 'NUMBER';

async function textType(duck: Duck, column: string, tally: Tally): Promise<ColumnType> {
  const { present, numbers, infinite, tokens, booleans } = tally;
  if (numbers > 0 && numbers + infinite + tokens === present) {
    return tally.leadingZeros > 0 || tally.large > 0 ? 'TEXT' : numberType(tally);
  }
  if (booleans > 0 && booleans + tokens === present) return 'BOOLEAN';
  if (numbers > 0 || present === tokens) return 'TEXT';
  const { times } = await duck.one<{ times: number }>(`SELECT count(${timeOf(column)}) AS times FROM ${RAW_TABLE}`);
  return times > 0 && times + tokens === present ? 'TIMESTAMP' : 'TEXT';
}

/** ISO 8601 dates and times; without a zone they are UTC. The digit keeps out words such as "epoch". */
const timeOf = (column: string): string =>
  `CASE WHEN regexp_matches(${column}, '^[0-9]') THEN CAST(TRY_CAST(${column} AS TIMESTAMPTZ) AS TIMESTAMP) END`;

function expressionOf(type: ColumnType, column: string): string {
  if (type === 'TEXT') return `CAST(${column} AS VARCHAR)`;
  if (type === 'BOOLEAN') return `CASE lower(${column}) WHEN 'true' THEN true WHEN 'false' THEN false END`;
  if (type === 'TIMESTAMP') return timeOf(column);
  const number = `TRY_CAST(${column} AS DOUBLE)`;
  return `CASE WHEN isfinite(${number}) THEN ${number} END`;
}

async function remarks(duck: Duck, column: TypedColumn, tally: Tally, physical: string): Promise<Finding[]> {
  const { name, type } = column;
  const found: Finding[] = [];
  if (type !== 'TEXT' && tally.tokens > 0 && physical !== 'DOUBLE')
    found.push(await disguised(duck, column, tally.tokens));
  if (type !== 'TEXT' && tally.infinite > 0) found.push(await infinite(duck, column, tally.infinite));
  if (type !== 'TEXT') return found;
  const mixed = tally.present - tally.numbers - tally.infinite - tally.tokens;
  if (mixed > 0 && tally.numbers >= MOSTLY * tally.present) found.push(await mixedTypes(duck, column, mixed));
  if (mixed === 0 && tally.leadingZeros > 0) {
    found.push(
      info('LEADING_ZEROS', {
        column: name,
        count: tally.leadingZeros,
        message: `${shown(name)}: ${counted(tally.leadingZeros, 'value')} with leading zeros, so the column is kept as text.`,
        fix: 'If these are quantities, write them without leading zeros.',
      }),
    );
  } else if (mixed === 0 && tally.large > 0) {
    found.push(
      info('LARGE_INTEGER', {
        column: name,
        count: tally.large,
        message: `${shown(name)}: whole numbers beyond 2^53 cannot be held exactly, so the column is kept as text.`,
        fix: 'If these are quantities, not names, write them in scientific notation.',
      }),
    );
  }
  return found;
}

async function disguised(duck: Duck, column: TypedColumn, count: number): Promise<Finding> {
  const c = `c${column.index}`;
  const rows = await duck.rows<{ v: string; n: number; first: number }>(
    `SELECT ${c} AS v, count(*) AS n, min(rowid) + 1 AS first FROM ${RAW_TABLE}
     WHERE lower(${c}) IN ${TOKENS} GROUP BY v ORDER BY n DESC, v LIMIT ${EXAMPLES}`,
  );
  return warning('DISGUISED_MISSING', {
    column: column.name,
    row: Math.min(...rows.map((row) => row.first)),
    count,
    message: `${shown(column.name)}: ${rows.map((row) => `${shown(row.v)} (${row.n})`).join(', ')} read as missing.`,
    fix: 'Nothing to do when these mean "not known". Otherwise give them a number.',
  });
}

async function infinite(duck: Duck, column: TypedColumn, count: number): Promise<Finding> {
  const { first } = await duck.one<{ first: number }>(
    `SELECT min(rowid) + 1 AS first FROM ${RAW_TABLE} WHERE isinf(TRY_CAST(c${column.index} AS DOUBLE))`,
  );
  return warning('INFINITE_VALUE', {
    column: column.name,
    row: first,
    count,
    message: `${shown(column.name)}: ${counted(count, 'infinite value')}, first in row ${first}, treated as missing.`,
    fix: 'Find the division by zero or overflow that made them, or write a finite number.',
  });
}

async function mixedTypes(duck: Duck, column: TypedColumn, count: number): Promise<Finding> {
  const c = `c${column.index}`;
  const rows = await duck.rows<{ v: string; at: number }>(
    `SELECT ${c} AS v, rowid + 1 AS at FROM ${RAW_TABLE}
     WHERE ${c} IS NOT NULL AND TRY_CAST(${c} AS DOUBLE) IS NULL AND lower(${c}) NOT IN ${TOKENS}
     ORDER BY rowid LIMIT ${EXAMPLES}`,
  );
  const examples = rows.map((row) => `row ${row.at} ${shown(row.v)}`).join(', ');
  return warning('MIXED_TYPES', {
    column: column.name,
    row: rows[0]?.at ?? null,
    count,
    message: `${shown(column.name)} is mostly numbers, but ${counted(count, 'value')} ${count === 1 ? 'is' : 'are'} text: ${examples}.`,
    fix: 'Correct these values and send a new version; until then the whole column is text.',
  });
}
