import { alikeSql, COLUMN_TYPES, shownApart } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, warning, type Finding } from '../finding';
import type { TypedColumn } from '../columns/infer';
import { asNumber, DATA_TABLE, type ColumnSummary } from './profile';

/** Above this share of missing values a column deserves a warning. */
const MISSING_WARNING = 0.5;
/** Tukey's fence for values "far out", in interquartile ranges (Exploratory Data Analysis, 1977). */
const FAR_OUT = 3;
/** Among very many values a few lie beyond that fence by chance; fewer than this share must lie beyond the gross one. */
const OUTLIER_SHARE = 1e-4;
const GROSS = 10;
const ZERO_SHARE = 0.3;
const CONTINUOUS_DISTINCT = 10;
const HIGH_CARDINALITY = 1_000;
const SIMILAR_SHOWN = 3;
/** Numbers people write for "unknown". */
const SENTINELS = [-99999, -9999, -999, -99, -9, -1, 99, 999, 9999, 99999];

/** What the values of one column say about its quality. */
export async function columnFindings(
  duck: Duck,
  column: TypedColumn,
  summary: ColumnSummary,
  rowCount: number,
): Promise<Finding[]> {
  if (summary.missingCount === rowCount) return [allMissing(summary, rowCount)];
  const found = [missing(summary, rowCount), constant(summary), manyLevels(summary, rowCount)];
  const { isText, isQuantity } = COLUMN_TYPES[column.type];
  if (isText) found.push(await similarValues(duck, column));
  const x = isQuantity ? asNumber(column) : null;
  if (x && summary.numbers) {
    found.push(
      await sentinel(duck, x, summary),
      await outliers(duck, x, summary, rowCount),
      await zeros(duck, x, summary, rowCount),
    );
  }
  return found.filter((finding) => finding !== null);
}

/**
 * Rows that repeat an earlier one, told by a 64-bit hash of all their values. DuckDB groups out of core as long as no group
 * holds more than numbers of fixed length. Rows without any value repeat none: they are told as what they are.
 */
export async function duplicateRows(duck: Duck, columns: TypedColumn[], rowCount: number): Promise<Finding[]> {
  const values = columns.map(({ index }) => `c${index}`);
  const isEmpty = values.map((value) => `${value} IS NULL`).join(' AND ');
  const emptyRow = `CASE WHEN ${isEmpty} THEN rowid END`;
  const firsts = `(SELECT min(rowid) AS row FROM ${DATA_TABLE} GROUP BY hash(${values.join(', ')}, ${emptyRow}))`;
  const { groups } = await duck.one<{ groups: number }>(`SELECT count(*) AS groups FROM ${firsts}`);
  const count = rowCount - groups;
  if (count === 0) return [];
  // Up to the first row that repeats one, all rows are the first of their kind.
  const { place } = await duck.one<{ place: number }>(
    `SELECT coalesce(min(place), ${groups}) AS place
     FROM (SELECT row, row_number() OVER (ORDER BY row) - 1 AS place FROM ${firsts}) WHERE row <> place`,
  );
  const first = place + 1;
  const finding = warning('DUPLICATE_ROWS', {
    row: first,
    count,
    message: `${counted(count, 'row')} repeat${count === 1 ? 's' : ''} an earlier row in every column; the first is row ${first}.`,
    fix:
      'Remove them when they are copies, in the file or by a step DEDUPLICATE: a copy in both training and test part makes ' +
      'the score too good.',
  });
  return [finding];
}

const allMissing = (summary: ColumnSummary, rowCount: number): Finding =>
  warning('ALL_MISSING', {
    column: summary.name,
    count: rowCount,
    message: `${shown(summary.name)} has no value in any of ${counted(rowCount, 'row')}.`,
    fix: 'Check the export; the column is left out of training.',
  });

function missing({ name, missingCount }: ColumnSummary, rowCount: number): Finding | null {
  if (missingCount === 0) return null;
  const share = missingCount / rowCount;
  const details = {
    column: name,
    count: missingCount,
    message: `${shown(name)}: ${counted(missingCount, 'value')} of ${rowCount.toLocaleString('en-US')} missing (${(100 * share).toFixed(1)} %).`,
    fix: 'Nothing to do: training fills them in, and leaves out rows without a target. Better values make a better model.',
  };
  return share >= MISSING_WARNING ? warning('MISSING_VALUES', details) : info('MISSING_VALUES', details);
}

function constant({ name, distinctCount, topValues, missingCount }: ColumnSummary): Finding | null {
  if (distinctCount !== 1) return null;
  const rest = missingCount > 0 ? ' wherever it is not missing' : '';
  return warning('CONSTANT', {
    column: name,
    count: topValues[0].count,
    message: `${shown(name)} is always ${shown(topValues[0].value)}${rest}.`,
    fix: 'Leave it out: it tells nothing about any row.',
  });
}

function manyLevels({ name, type, distinctCount, missingCount }: ColumnSummary, rowCount: number): Finding | null {
  const present = rowCount - missingCount;
  const many = distinctCount > HIGH_CARDINALITY || (distinctCount > 50 && distinctCount > present / 2);
  if (!COLUMN_TYPES[type].isText || !many || distinctCount === present) return null;
  return info('HIGH_CARDINALITY', {
    column: name,
    count: distinctCount,
    message: `${shown(name)} has ${counted(distinctCount, 'different text')} in ${counted(present, 'value')}.`,
    fix: 'Group rare values, or leave the column out when it names things rather than describes them.',
  });
}

/** Texts that people take for one: they differ in case, in blanks, in what cannot be seen, or in letters of the same shape. */
async function similarValues(duck: Duck, { index, name }: TypedColumn): Promise<Finding | null> {
  const c = `c${index}`;
  const groups = await duck.rows<{ texts: string[]; more: number }>(
    `SELECT list_slice(list(v ORDER BY n DESC, v), 1, 2) AS texts, count(*) OVER () AS more
     FROM (SELECT ${c} AS v, count(*) AS n FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL GROUP BY v)
     GROUP BY ${alikeSql('v')} HAVING count(*) > 1
     ORDER BY sum(n) DESC, texts LIMIT ${SIMILAR_SHOWN}`,
  );
  if (groups.length === 0) return null;
  const { more } = groups[0];
  const pairs = groups.map(({ texts: [first, second] }) => shownApart(first, second).join(' and ')).join('; ');
  return warning('SIMILAR_VALUES', {
    column: name,
    count: more,
    message: `${shown(name)}: ${counted(more, 'value')} written in several ways, which count as different: ${pairs}.`,
    fix: 'If they mean the same, write them alike and send a new version.',
  });
}

/** An extreme value that repeats and stands further from the rest than half their range. */
async function sentinel(
  duck: Duck,
  x: string,
  { name, numbers, distinctCount }: ColumnSummary,
): Promise<Finding | null> {
  if (!numbers || distinctCount < 3) return null;
  const value = [numbers.minimum, numbers.maximum].find((extreme) => SENTINELS.includes(extreme));
  if (value === undefined) return null;
  const rest = await duck.one<{ count: number; low: number; high: number; first: number }>(
    `SELECT count_if(x = ${value}) AS count, min(x) FILTER (x <> ${value}) AS low, max(x) FILTER (x <> ${value}) AS high,
       min(place) FILTER (x = ${value}) AS first FROM (SELECT ${x} AS x, rowid + 1 AS place FROM ${DATA_TABLE})`,
  );
  const gap = value < rest.low ? rest.low - value : value - rest.high;
  if (rest.count < 2 || gap <= (rest.high - rest.low) / 2) return null;
  return warning('DISGUISED_MISSING', {
    column: name,
    row: rest.first,
    count: rest.count,
    message: `${shown(name)}: ${value} stands ${counted(rest.count, 'time')}, far from all other values (${rest.low} to ${rest.high}).`,
    fix:
      `If it means "unknown", make it missing by a step REPLACE with values: [${value}], or leave the field empty and send a ` +
      'new version. Without that it is a number like others.',
  });
}

async function outliers(
  duck: Duck,
  x: string,
  { name, numbers, distinctCount }: ColumnSummary,
  rowCount: number,
): Promise<Finding | null> {
  if (!numbers || distinctCount <= CONTINUOUS_DISTINCT) return null;
  const { p25, p75 } = numbers.quantiles;
  const fence = FAR_OUT * (p75 - p25);
  if (fence === 0 || (numbers.minimum >= p25 - fence && numbers.maximum <= p75 + fence)) return null;
  const { count, first } = await duck.one<{ count: number; first: number }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS first FROM ${DATA_TABLE} WHERE ${x} < ${p25 - fence} OR ${x} > ${p75 + fence}`,
  );
  const gross = (GROSS / FAR_OUT) * fence;
  const isGross = numbers.minimum < p25 - gross || numbers.maximum > p75 + gross;
  if (count < OUTLIER_SHARE * rowCount && !isGross) return null;
  return info('OUTLIERS', {
    column: name,
    row: first,
    count,
    message: `${shown(name)}: ${counted(count, 'value')} outside ${short(p25 - fence)} to ${short(p75 + fence)}; the first in row ${first}.`,
    fix: 'Check whether they are errors of measurement or entry. Robust scaling weakens them.',
  });
}

async function zeros(duck: Duck, x: string, summary: ColumnSummary, rowCount: number): Promise<Finding | null> {
  const { name, numbers, distinctCount, missingCount } = summary;
  if (!numbers || numbers.minimum < 0 || numbers.quantiles.p25 > 0 || distinctCount <= 2 * CONTINUOUS_DISTINCT)
    return null;
  const { count } = await duck.one<{ count: number }>(`SELECT count(*) AS count FROM ${DATA_TABLE} WHERE ${x} = 0`);
  const share = count / (rowCount - missingCount);
  if (share < ZERO_SHARE) return null;
  return info('EXCESS_ZEROS', {
    column: name,
    count,
    message: `${shown(name)}: ${(100 * share).toFixed(1)} % of the values are 0, the others spread up to ${numbers.maximum}.`,
    fix: 'If 0 means "not measured", leave the field empty. Otherwise nothing to do.',
  });
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
