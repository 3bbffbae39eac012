import { BUDDHIST, COLUMN_TYPES, type ColumnType, formatsNamed, numberSql } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, warning, type Finding } from '../finding';
import type { TypedColumn } from '../columns/infer';
import { DATA_TABLE, type ColumnSummary } from './profile';

/** The years 1857 to 2107 as Thailand counts them. */
const YEARS = [2400, 2650] as const;
const AHEAD = 543;
const [FROM, TO] = YEARS.map((year) => Date.UTC(year, 0, 1));
const YEAR_NAME = /year|\u0e1b\u0e35|\u0e1e\.?\s?\u0e28/i;

/** Times so far ahead, and whole numbers that are called years, may be of the Buddhist era; they are read as they are written. */
export async function buddhistYears(
  duck: Duck,
  column: TypedColumn,
  { name, type, numbers }: ColumnSummary,
): Promise<Finding[]> {
  if (!numbers) return [];
  const { isTime, isWhole } = COLUMN_TYPES[type];
  if (isWhole && YEAR_NAME.test(name) && numbers.minimum >= YEARS[0] && numbers.maximum < YEARS[1])
    return [wholeYears(name, numbers.minimum)];
  return isTime && numbers.maximum >= FROM && numbers.minimum < TO ? aheadOf(duck, column) : [];
}

interface Ahead {
  count: number;
  values: number;
  others: number;
  row: number;
  day: string;
  before: string;
}

async function aheadOf(duck: Duck, { index, name, type, format, isSaid }: TypedColumn): Promise<Finding[]> {
  const c = `c${index}`;
  const ms = numberSql(type, c)!;
  const ahead = `(${ms} >= ${FROM} AND ${ms} < ${TO})`;
  const { count, values, others, row, day, before } = await duck.one<Ahead>(
    `SELECT count_if(${ahead}) AS count, count(DISTINCT ${c}) FILTER (${ahead}) AS values, count_if(NOT ${ahead}) AS others,
       min(rowid) FILTER (${ahead}) + 1 AS row, strftime(arg_min(${c}, rowid) FILTER (${ahead}), '%Y-%m-%d') AS day,
       strftime(arg_min(${c}, rowid) FILTER (${ahead}) - INTERVAL ${AHEAD} YEAR, '%Y-%m-%d') AS before
     FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL`,
  );
  // One date far ahead stands for "open" in many tables.
  if (isSaid || count === 0 || (values === 1 && others > 0)) return [];
  const named = format && others === 0 ? inEra(format.name, type) : undefined;
  const reading = named ? { type, format: named } : null;
  const beside = others > 0 ? `, beside ${counted(others, 'other')}` : '';
  const statement = reading && `columns: [{ name: ${shown(name)}, type: ${type}, format: ${shown(reading.format)} }]`;
  return [
    warning('TIME_FORMAT', {
      ...{ column: name, row, count },
      message: `${shown(name)}: ${counted(count, 'date')} such as ${day} in row ${row}${beside} may be read in two ways (years as they are written; years of the Buddhist era, as in Thailand), as ${day} or ${before}; they were read in the first way.`,
      fix: statement
        ? `If they are of the Buddhist era, say so on upload, or with \`reingest\` of this file: ${statement}.`
        : `If they are of the Buddhist era, take ${AHEAD} years from them, and send the file as a new version.`,
      ...(reading && { readings: [reading] }),
    }),
  ];
}

/** The name of the format with years of this era; other digits are named last. */
const inEra = (name: string, type: ColumnType): string | undefined =>
  [`${name}, ${BUDDHIST}`, name.replace(/(, [^,]+ digits)$/, `, ${BUDDHIST}$1`)].find(
    (each) => formatsNamed(each, type).length > 0,
  );

const wholeYears = (column: string, year: number): Finding =>
  info('TIME_FORMAT', {
    column,
    message: `${shown(column)}: years such as ${year} may be of the Buddhist era, as in Thailand (${year - AHEAD}); they were read as whole numbers.`,
    fix: `Nothing to do when all years of the table are so. Otherwise take ${AHEAD} from them, and send the file as a new version.`,
  });
