import {
  COLUMN_TYPES,
  type Format,
  formatSql,
  hasZoneSql,
  ISO_DATE,
  ISO_TIME,
  isMissingWordSql,
  PLAIN_NUMBER,
  typeOfKind,
  type ValueKind,
  valueText,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, warning, type Finding, type FindingCode, type SayableReading } from '../finding';
import type { ColumnType, RawColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { formatOf, mostlyFormat, sampleOf, type NamesInParts, type Reading } from './readings';
import { textLook } from '../files/text-looks';
import { writtenNumbers } from '../files/written-numbers';
import { isPresentSql, NO_TALLY, numbersOverflow } from '../profile/tally';
import { currencyDoubt, textDoubt } from './text-doubt';
import { oneUnit, unitDoubt } from './unit-doubts';

const EXAMPLES = 3;

interface Decided {
  column: RawColumn;
  type: ColumnType;
  /** How its texts are read; null for text, and for values that the file holds as such. */
  reading: Reading | null;
}

/** What of a column was read in a special way, or could not be read. */
export async function remarksOn(duck: Duck, { column, type, reading }: Decided): Promise<Finding[]> {
  const { tally, physical } = column;
  const found: Finding[] = [];
  if (COLUMN_TYPES[type].isText) return reading ? wrapped(duck, column, reading) : textRemarks(duck, column);
  if (tally.tokens > 0 && physical === 'VARCHAR') found.push(await disguised(duck, column));
  const isOfTimes = reading?.format.kind === 'time' || reading?.format.kind === 'date';
  if (tally.infinite + tally.overflows > 0 && !isOfTimes) found.push(await infinite(duck, column));
  if (!reading) return found;
  if (reading.odd > 0) found.push(await oddValues(duck, column, reading));
  const asRead = await readAs(duck, column, reading);
  const unit = await oneUnit(duck, column, reading.format);
  const zones = isOfTimes && !column.loaded && !reading.dates ? await someZones(duck, column, reading.format) : null;
  return [...found, ...[asRead, unit, zones].filter((finding) => finding !== null)];
}

async function wrapped(duck: Duck, column: RawColumn, reading: Reading): Promise<Finding[]> {
  const found = await readAs(duck, column, reading);
  return found ? [found] : [];
}

async function textRemarks(duck: Duck, column: RawColumn): Promise<Finding[]> {
  const { name, tally, readings } = column;
  if (readings.length > 1) return [unsure(column)];
  if (readings[0]?.names) return [namesInParts(column, readings[0], readings[0].names)];
  const mixed = tally.present - tally.numbers - tally.infinite - tally.overflows - tally.tokens;
  if (mixed > 0) {
    const found = (await unitDoubt(duck, column)) ?? (await otherDoubt(duck, column));
    return found ? [found] : [];
  }
  if (tally.leadingZeros > 0) {
    return [
      info('LEADING_ZEROS', {
        column: name,
        count: tally.leadingZeros,
        message: `${shown(name)}: ${counted(tally.leadingZeros, 'value')} with leading zeros, so the column is kept as text.`,
        fix: 'If these are quantities, write them without leading zeros.',
      }),
    ];
  }
  if (tally.large > 0) {
    return [
      info('LARGE_INTEGER', {
        column: name,
        count: tally.large,
        message: `${shown(name)}: whole numbers beyond 2^53 cannot be held exactly, so the column is kept as text.`,
        fix: 'If these are quantities, not names, write them in scientific notation.',
      }),
    ];
  }
  if (tally.overflows === 0 || !numbersOverflow(tally)) return [];
  return [
    info('LARGE_INTEGER', {
      column: name,
      count: tally.overflows,
      message: `${shown(name)}: ${counted(tally.overflows, 'value')} would be larger than any number, so the column is kept as text.`,
      fix: 'Nothing to do when these are codes. If they are quantities, look for what made them so large.',
    }),
  ];
}

async function otherDoubt(duck: Duck, column: RawColumn): Promise<Finding | null> {
  const sample = await sampleOf(duck, `c${column.index}`);
  const currencies = await currencyDoubt(duck, column, sample);
  if (currencies) return currencies;
  const written = await writtenNumbers(duck, column, sample);
  if (written) return written;
  const meant = await mostlyFormat(duck, column, sample);
  if (meant) return mixedTypes(duck, column, meant);
  return (await textLook(duck, column)) ?? textDoubt(duck, column, sample);
}

const CODE_OF: Record<ValueKind, FindingCode> = {
  ...{ number: 'NUMBER_FORMAT', boolean: 'MIXED_TYPES', text: 'TEXT_FORMAT' },
  ...{ seconds: 'TIME_FORMAT', clock: 'TIME_FORMAT', time: 'TIME_FORMAT', date: 'TIME_FORMAT' },
};

const codeOf = ({ format }: Reading) =>
  format.kind === 'number' && format.name.includes('comma') ? 'COMMA_NUMBERS' : CODE_OF[format.kind];

/** What was read as what; with the other reading where there is one. Null for what programs write. */
async function readAs(duck: Duck, column: RawColumn, reading: Reading): Promise<Finding | null> {
  const { index, name } = column;
  const { format, instead } = reading;
  if (reading.doubt) return doubtful(column, reading, reading.doubt);
  if (reading.names) return namesInParts(column, reading, reading.names);
  if ([PLAIN_NUMBER, ISO_TIME, ISO_DATE].includes(format) || format.kind === 'boolean') return null;
  const c = `c${index}`;
  const { cell, row, count } = await duck.one<{ cell: string; row: number; count: number }>(
    `SELECT arg_min(${c}, rowid) AS cell, min(rowid) + 1 AS row, count(*) AS count FROM ${RAW_TABLE}
     WHERE ${formatSql(format, c)} IS NOT NULL AND ${instead?.format === PLAIN_NUMBER ? `contains(${c}, '.')` : `TRY_CAST(${c} AS DOUBLE) IS NULL`}`,
  );
  if (count === 0) return null;
  const what = `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row}`;
  const at = { column: name, row, count };
  if (!instead) {
    return info(codeOf(reading), {
      ...at,
      message: `${what} ${count === 1 ? 'is' : 'are'} read as ${kindName(reading)}: ${format.name}; this one as ${valueOf(reading, cell)}.`,
      fix: `Nothing to do. In \`predict\`, send the values as the file has them, or as plain JSON values.${mayBe(column, reading)}`,
    });
  }
  return warning(codeOf(reading), {
    ...at,
    message: `${what} may be read in two ways (${format.name}; ${instead.format.name}), as ${valueOf(reading, cell)} or ${valueOf(instead, cell)}. Other columns of the file are written in the first way, so it was taken.`,
    fix: `If it is wrong, say so on upload, or with \`reingest\` of this file: ${sayFormat(column, instead)}.`,
    readings: [sayable(instead)],
  });
}

/** What to say of a column so that it is read in this way. */
const sayFormat = ({ name }: RawColumn, reading: Reading): string => {
  const { type, format } = sayable(reading);
  return `columns: [{ name: ${shown(name)}, type: ${type}, format: ${shown(format)} }]`;
};

const sayable = (reading: Reading): SayableReading => ({
  type: typeOf(formatOf(reading)),
  format: reading.format.name,
});

const valueOf = (reading: Reading, cell: string): string =>
  valueText(typeOf(formatOf(reading)), formatOf(reading), cell);

const typeOf = ({ kind }: Format): ColumnType => typeOfKind(kind, NO_TALLY);

const kindName = (reading: Reading): string => COLUMN_TYPES[typeOf(formatOf(reading))].plural;

function mayBe({ name }: RawColumn, reading: Reading): string {
  const other = COLUMN_TYPES[typeOf(formatOf(reading))].mayBe;
  if (!other) return '';
  const statement = `columns: [{ name: ${shown(name)}, type: ${other} }]`;
  return ` If they are ${COLUMN_TYPES[other].plural}, say so on upload, or with \`reingest\` of this file: ${statement}.`;
}

function unsure(column: RawColumn): Finding {
  const { name, readings } = column;
  const [first, second] = readings;
  const { count, row, cell } = second.differs!;
  const values = `as ${valueOf(first, cell)} or ${valueOf(second, cell)}`;
  return warning(codeOf(first) === 'TIME_FORMAT' ? 'TIME_FORMAT' : 'COMMA_NUMBERS', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be read in two ways (${first.format.name}; ${second.format.name}), ${values}, so the column is kept as text.`,
    fix: `Say which is meant, on upload or with \`reingest\` of this file: ${sayFormat(column, first)}, or ${shown(second.format.name)}.`,
    readings: [sayable(first), sayable(second)],
  });
}

function doubtful({ name, ...column }: RawColumn, reading: Reading, doubt: Reading): Finding {
  const { format } = reading;
  const { count, row, cell } = doubt.differs!;
  return warning(CODE_OF[format.kind], {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be read in two ways (${format.name}; ${doubt.format.name}), as ${valueOf(reading, cell)} or ${valueOf(doubt, cell)}; they were read in the first way.`,
    fix: `If it is wrong, say so on upload, or with \`reingest\` of this file: ${sayFormat({ ...column, name }, doubt)}.`,
    readings: [sayable(doubt)],
  });
}

/** Addresses are kept as text, other names in parts are read as numbers. */
function namesInParts(column: RawColumn, reading: Reading, { areAddresses, count, row, cell }: NamesInParts): Finding {
  const { name } = column;
  const are = areAddresses ? 'IP addresses' : 'names, such as versions';
  const was = areAddresses ? ', so the column is kept as text' : '; they were read as numbers';
  const say = areAddresses ? sayFormat(column, reading) : `columns: [{ name: ${shown(name)}, type: TEXT }]`;
  return warning('NUMBER_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be read in two ways (${are}; numbers with ${reading.format.name}: ${valueOf(reading, cell)})${was}.`,
    fix: `If they are ${areAddresses ? 'numbers' : 'names'}, say so on upload, or with \`reingest\` of this file: ${say}.`,
    ...(areAddresses && { readings: [sayable(reading)] }),
  });
}

/** Times without a zone beside others with one: they are UTC, and may have been meant otherwise. */
async function someZones(duck: Duck, { index, name }: RawColumn, format: Format): Promise<Finding | null> {
  const c = `c${index}`;
  const { zoned, count, row, cell } = await duck.one<{ zoned: number; count: number; row: number; cell: string }>(
    `SELECT count_if(z) AS zoned, count_if(NOT z) AS count, min(place) FILTER (NOT z) + 1 AS row, arg_min(v, place) FILTER (NOT z) AS cell
     FROM (SELECT ${c} AS v, ${hasZoneSql(c)} AS z, rowid AS place FROM ${RAW_TABLE} WHERE ${isPresentSql(c)})`,
  );
  if (zoned === 0 || count === 0) return null;
  return warning('TIME_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'time')} without a zone, such as ${shown(cell)} in row ${row}, beside ${zoned.toLocaleString('en-US')} with one; they are read as UTC, this one as ${valueText(typeOf(format), format, cell)}.`,
    fix: 'Write all times with their zone, or all in UTC.',
  });
}

/** The cells of which an expression makes no value: how many, the row of the first, and some in words. */
async function notRead(
  duck: Duck,
  c: string,
  value: string,
): Promise<{ count: number; row: number | null; examples: string }> {
  const rows = await duck.rows<{ v: string; at: number; count: number }>(
    `SELECT ${c} AS v, rowid + 1 AS at, count(*) OVER () AS count FROM ${RAW_TABLE}
     WHERE ${isPresentSql(c)} AND ${value} IS NULL ORDER BY rowid LIMIT ${EXAMPLES}`,
  );
  const examples = rows.map((row) => `row ${row.at} ${shown(row.v)}`).join(', ');
  return { count: rows[0]?.count ?? 0, row: rows[0]?.at ?? null, examples };
}

async function oddValues(duck: Duck, { index, name }: RawColumn, reading: Reading): Promise<Finding> {
  const c = `c${index}`;
  const { examples } = await notRead(duck, c, formatSql(reading.format, c));
  return warning('MIXED_TYPES', {
    column: name,
    row: reading.first,
    count: reading.odd,
    message: `${shown(name)}: ${counted(reading.odd, 'value')} could not be read as ${kindName(reading)} and ${reading.odd === 1 ? 'is' : 'are'} missing: ${examples}.`,
    fix: 'Correct these values and send a new version, if they should count.',
  });
}

async function disguised(duck: Duck, { index, name, tally, loaded }: RawColumn): Promise<Finding> {
  const c = loaded?.words ?? `c${index}`;
  const rows = await duck.rows<{ v: string; n: number; first: number }>(
    `SELECT ${c} AS v, count(*) AS n, min(rowid) + 1 AS first FROM ${RAW_TABLE}
     WHERE ${isMissingWordSql(c)} GROUP BY v ORDER BY n DESC, v LIMIT ${EXAMPLES}`,
  );
  return warning('DISGUISED_MISSING', {
    column: name,
    row: Math.min(...rows.map((row) => row.first)),
    count: tally.tokens,
    message: `${shown(name)}: ${rows.map((row) => `${shown(row.v)} (${row.n})`).join(', ')} read as missing.`,
    fix: 'Nothing to do when these mean "not known". To keep them, as a class of their own or so, say in `columns` that the column is TEXT, and send or read the file again.',
  });
}

async function infinite(duck: Duck, { index, name, tally, physical }: RawColumn): Promise<Finding> {
  const c = `c${index}`;
  const count = tally.infinite + tally.overflows;
  const is =
    physical === 'VARCHAR'
      ? `${isPresentSql(c)} AND coalesce(NOT isfinite(TRY_CAST(${c} AS DOUBLE)), true)`
      : `isinf(${c})`;
  const { first } = await duck.one<{ first: number }>(`SELECT min(rowid) + 1 AS first FROM ${RAW_TABLE} WHERE ${is}`);
  return warning('INFINITE_VALUE', {
    column: name,
    row: first,
    count,
    message: `${shown(name)}: ${counted(count, 'infinite value')}, first in row ${first}, treated as missing.`,
    fix: 'Find the division by zero or overflow that made them, or write a finite number.',
  });
}

async function mixedTypes(duck: Duck, { index, name }: RawColumn, format: Format): Promise<Finding> {
  const c = `c${index}`;
  const { count, row, examples } = await notRead(duck, c, formatSql(format, c));
  const form = format.name === PLAIN_NUMBER.name ? '' : ` (${format.name})`;
  const meant = COLUMN_TYPES[typeOf(format)].plural;
  return warning('MIXED_TYPES', {
    column: name,
    row,
    count,
    message: `${shown(name)} is mostly ${meant}${form}, but ${counted(count, 'value')} ${count === 1 ? 'is' : 'are'} text: ${examples}.`,
    fix: 'Correct these values and send a new version; until then the whole column is text.',
  });
}
