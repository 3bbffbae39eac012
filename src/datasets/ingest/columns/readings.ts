import { isDeepStrictEqual } from 'node:util';
import {
  BOOLEAN_FORMATS,
  datesOf,
  type Format,
  formatSql,
  isFarTimeSql,
  isMissingWordSql,
  likelyFormats,
  matchesSql,
  MINUTES_SECONDS,
  numberFormats,
  PLAIN_NUMBER,
  type SampledText,
  SECONDS_FORMATS,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import type { RawColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { isPresentSql, type Tally } from '../profile/tally';

/** A way to read a column of texts. */
export interface Reading {
  format: Format;
  /** Where none of the times has a time of day: the format of the dates. */
  dates?: Format;
  /** Cells that it does not read, which become missing; words for missing are not among them. */
  odd: number;
  /** Data row of the first of these; null without any. */
  first: number | null;
  /** How many of these are times that none holds. */
  far?: number;
  /** Of the numbers that it reads; left out where those of the raw texts are the same. */
  tally?: Tally;
  /** What tells this reading from the first one: how many cells, and the first of them. */
  differs?: { count: number; row: number; cell: string };
  /** The cells tell the convention of its format: no format of another convention makes the same of them. */
  isTelling?: boolean;
  /** The reading that this one was preferred to by what other columns say. */
  instead?: Reading;
  /** The reading that may as well be meant, where nothing says which. */
  doubt?: Reading;
  /** Its numbers may be names in parts. */
  names?: NamesInParts;
}

/** Numbers of which each has several points: addresses of IP, or versions and codes. */
export interface NamesInParts {
  areAddresses: boolean;
  count: number;
  row: number;
  cell: string;
}

/** How the cells are written, as closely as can be said. */
export const formatOf = ({ dates, format }: Reading): Format => dates ?? format;

/** Points in numbers as programs write them: all of them as between thousands too, or not. */
export type Points = 'either' | 'decimal' | 'none';

/** At most this share of cells may be odd: one in a hundred does not cost a column. */
export const ODD_SHARE = 0.01;
/** Above this share of cells in one format a column of texts was probably meant to have it. */
const MOSTLY = 0.5;
/** Different texts that the formats are looked for in, from so many rows. */
const SAMPLE_TEXTS = 400;
const SAMPLE_ROWS = 20_000;

/** The different ways in which all but a few cells of a column of texts can be read, likely ones first. */
export async function readingsOf(duck: Duck, { index, tally }: { index: number; tally: Tally }): Promise<Reading[]> {
  const c = `c${index}`;
  const formats = likelyFormats(await sampleOf(duck, c));
  if (formats.length === 0) return [];
  const cells = tally.present - tally.tokens;
  const counts = await countsOf(duck, c, formats);
  const most = Math.max(...counts);
  if (most < cells * (1 - ODD_SHARE)) return [];
  const fitting = formats.filter((_, i) => counts[i] === most);
  const readings = await different(duck, c, fitting);
  return readings.length === 1 && isPointed(readings[0].format) ? [await withNames(duck, c, readings[0])] : readings;
}

const isPointed = (format: Format): boolean => isDeepStrictEqual(format, POINTS);

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const ADDRESS = `${OCTET}(?:[.]${OCTET}){3}`;
const PARTS = '[0-9]{1,3}(?:[.][0-9]{3}){2,}';

/** 192.168.100.200 and 1.100.200 have points between thousands as well; where all numbers have so many, they may be names. */
async function withNames(duck: Duck, c: string, reading: Reading): Promise<Reading> {
  const is = (pattern: string) => `regexp_full_match(${c}, '${pattern}')`;
  const { addresses, parts, row, cell } = await duck.one<Record<string, number> & { cell: string }>(
    `SELECT count_if(${is(ADDRESS)}) AS addresses, count_if(${is(PARTS)}) AS parts, min(rowid) + 1 AS row, arg_min(${c}, rowid) AS cell
     FROM ${RAW_TABLE} WHERE ${formatSql(reading.format, c)} IS NOT NULL`,
  );
  const count = reading.tally!.numbers;
  return parts === count ? { ...reading, names: { areAddresses: addresses === count, count, row, cell } } : reading;
}

/** The reading by that of the formats that reads most cells. */
export async function bestReading(duck: Duck, c: string, formats: readonly Format[]): Promise<Reading> {
  const counts = formats.length > 1 ? await countsOf(duck, c, formats) : [0];
  const [reading] = await different(duck, c, [formats[counts.indexOf(Math.max(...counts))]]);
  return reading;
}

/** The format that a column of texts has but for too many odd cells; null when there is none. */
export async function mostlyFormat(
  duck: Duck,
  { index, tally }: RawColumn,
  sample: readonly SampledText[],
): Promise<Format | null> {
  const c = `c${index}`;
  if (tally.booleans >= MOSTLY * tally.present) return BOOLEAN_FORMATS[0];
  const formats = likelyFormats(sample, MOSTLY);
  const counts = formats.length > 0 ? await countsOf(duck, c, formats) : [];
  const most = Math.max(0, ...counts);
  if (tally.numbers >= most) return tally.numbers >= MOSTLY * tally.present ? PLAIN_NUMBER : null;
  return most >= MOSTLY * (tally.present - tally.tokens) ? formats[counts.indexOf(most)] : null;
}

/** The most frequent texts; of those as frequent, some drawn at random, and the same ones each time. */
export const sampleOf = (duck: Duck, c: string): Promise<SampledText[]> =>
  duck.rows<SampledText>(
    `SELECT text, count(*) AS count FROM (SELECT ${c} AS text FROM ${RAW_TABLE} WHERE ${isPresentSql(c)} LIMIT ${SAMPLE_ROWS})
     GROUP BY text ORDER BY count DESC, hash(text) LIMIT ${SAMPLE_TEXTS}`,
  );

/** How many cells each format reads; times that none holds count for those of times that read more. */
export async function countsOf(duck: Duck, c: string, formats: readonly Format[]): Promise<number[]> {
  const counts = formats.map((format, i) => `count(${formatSql(format, c)}) AS n${i}`);
  const far = formats.some(isOfTimes) ? `count_if(${isFarTimeSql(c)})` : '0';
  const row = await duck.one<Record<string, number>>(`SELECT ${counts.join(', ')}, ${far} AS far FROM ${RAW_TABLE}`);
  return formats.map((format, i) => {
    const read = row[`n${i}`];
    return isOfTimes(format) && read > row.far ? read + row.far : read;
  });
}

const isOfTimes = ({ kind }: Format): boolean => kind === 'time' || kind === 'date';

/** Counts by name; the cells of `e0` and on are texts. */
type Differences = Record<string, number> & { first: number | null; e0: string };

/** Of formats that read the same cells, those that make other values of them than the ones before. */
async function different(duck: Duck, c: string, formats: Format[]): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const format of formats) {
    const sql = formatSql(format, c);
    const others = readings.map((reading) => formatSql(reading.format, c));
    const differs = others.map((other) => `${sql} IS DISTINCT FROM ${other}`);
    const dates = datesOf(format);
    const row = await duck.one<Differences>(
      `SELECT count_if(${isPresentSql(c)} AND ${sql} IS NULL) AS odd, min(rowid) FILTER (${isPresentSql(c)} AND ${sql} IS NULL) + 1 AS first,
         ${isOfTimes(format) ? `count_if(${isFarTimeSql(c)} AND ${sql} IS NULL)` : '0'} AS far,
         ${dates ? `count_if(${sql} IS NOT NULL AND NOT ${matchesSql(dates, c)})` : '1'} AS clocks
         ${differs.map((each, i) => `, count_if(${each}) AS d${i}, arg_min(${c}, rowid) FILTER (${each}) AS e${i}, min(rowid) FILTER (${each}) + 1 AS r${i}`).join('')}
         ${format.kind === 'number' ? numbersSql(sql) : ''} FROM ${RAW_TABLE}`,
    );
    const same = readings.find((_, i) => row[`d${i}`] === 0);
    if (same) {
      same.isTelling &&= same.format.convention === format.convention;
      continue;
    }
    readings.push({
      ...{ format, odd: row.odd, first: row.first, far: row.far, isTelling: true },
      ...(dates && row.clocks === 0 && { dates }),
      ...(others.length > 0 && { differs: { count: row.d0, row: row.r0, cell: row.e0 } }),
      ...(format.kind === 'number' && { tally: row as unknown as Tally }),
    });
  }
  return readings;
}

const numbersSql = (number: string): string =>
  `, count(${number}) AS numbers, count_if(${number} <> trunc(${number})) AS fractions, count_if(abs(${number}) > 9007199254740992) AS huge`;

/** What the columns of which the reading is sure tell about how the file is written. */
export function conventionsOf(columns: readonly RawColumn[]): Set<string> {
  const sure = columns.filter(({ readings }) => readings.length === 1 && readings[0].isTelling && !readings[0].names);
  const told = sure.map(({ readings }) => readings[0].format.convention).filter((each) => each !== undefined);
  return new Set(columns.some(({ points }) => points === 'decimal') ? [...told, PLAIN_POINT] : told);
}

/**
 * The reading that is meant: the only one, or the only one that is written as the rest of the file. Null when there is none,
 * or it is not sure.
 */
export async function chosen(duck: Duck, column: RawColumn, conventions: ReadonlySet<string>): Promise<Reading | null> {
  const { readings, points, loaded } = column;
  // As numbers it was loaded only where their points are sure, or they have none.
  if (loaded) return readings[0];
  if (readings[0]?.format === PLAIN_NUMBER) {
    if (conventions.has(DECIMAL_COMMA)) return grouped(duck, column);
    return points === 'either' && !conventions.has(DECIMAL_POINT) && !conventions.has(PLAIN_POINT)
      ? doubted(duck, column)
      : readings[0];
  }
  if (readings[0]?.names?.areAddresses) return null;
  if (readings.length === 1 && conventions.has(DECIMAL_COMMA)) return { ...readings[0], names: undefined };
  if (readings.length === 1) return withMinutes(duck, column, readings[0]);
  if (readings.length === 0) return null;
  const fitting = readings.filter(({ format }) => format.convention && conventions.has(format.convention));
  if (fitting.length !== 1) return null;
  return { ...fitting[0], instead: readings.find((reading) => reading !== fitting[0]) };
}

const POINTS = numberFormats({ before: '', behind: '' }).find(({ name }) => name.startsWith('points'))!;
const DECIMAL_COMMA = POINTS.convention!;
const DECIMAL_POINT = numberFormats({ before: '', behind: '' })[0].convention!;
/** Told by plain numbers; to choose between readings of others it says too little, as programs write so in any country. */
const PLAIN_POINT = 'plain point';
/** Every point of a number may stand between thousands. */
export const GROUPED = '[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+';
const SAMPLE_POINTS = 100;

/** By the numbers of a column that have a point: some of them nearly always tell. */
export async function pointsOf(duck: Duck, c: string): Promise<Points> {
  const pointed = `SELECT ${c} FROM ${RAW_TABLE} WHERE contains(${c}, '.') AND ${isPresentSql(c)}`;
  const look = (source: string) =>
    duck.one<{ count: number; others: number }>(
      `SELECT count(*) AS count, count_if(NOT regexp_full_match(${c}, '${GROUPED}')) AS others FROM (${source})`,
    );
  const some = await look(`${pointed} LIMIT ${SAMPLE_POINTS}`);
  if (some.count === 0) return 'none';
  const { others } = some.others > 0 || some.count < SAMPLE_POINTS ? some : await look(pointed);
  return others === 0 ? 'either' : 'decimal';
}

/** Of 3:45 only the person knows whether it is hours and minutes, or minutes and seconds. */
async function withMinutes(duck: Duck, { index }: RawColumn, reading: Reading): Promise<Reading> {
  if (reading.format !== HOURS) return reading;
  const [, doubt] = await different(duck, `c${index}`, [HOURS, MINUTES_SECONDS]);
  return doubt?.odd === reading.odd ? { ...reading, doubt } : reading;
}

const [HOURS] = SECONDS_FORMATS;

/** Numbers of which every point may stand between thousands: none has another fraction, or four digits without a point. */
async function doubted(duck: Duck, { index, readings: [plain] }: RawColumn): Promise<Reading> {
  const c = `c${index}`;
  const { others } = await duck.one<{ others: number }>(
    `SELECT count_if(NOT regexp_full_match(${c}, '${GROUPED}') AND (contains(${c}, '.') OR abs(TRY_CAST(${c} AS DOUBLE)) >= 1000)) AS others
     FROM ${RAW_TABLE} WHERE ${isPresentSql(c)}`,
  );
  if (others > 0) return plain;
  const [, doubt] = await different(duck, c, [PLAIN_NUMBER, POINTS]);
  return doubt?.odd === 0 ? { ...plain, doubt } : plain;
}

/** In a file with decimal commas, points that stand before three digits only stand between thousands: 2.658 is 2658. */
async function grouped(duck: Duck, { index, readings: [plain] }: RawColumn): Promise<Reading> {
  const c = `c${index}`;
  const { dotted } = await duck.one<{ dotted: number }>(
    `SELECT count_if(contains(${c}, '.') AND NOT ${isMissingWordSql(c)}) AS dotted FROM ${RAW_TABLE}`,
  );
  if (dotted === 0) return plain;
  const [reading, ...others] = await different(duck, c, [POINTS]);
  return reading.odd === 0 && others.length === 0 ? { ...reading, instead: plain } : plain;
}
