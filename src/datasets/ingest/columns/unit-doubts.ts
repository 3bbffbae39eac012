import { affixesNamed, matchesSql, numberFormats, sqlText, unitsByCase, type Format } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { shown, warning, type Finding } from '../finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { countsOf, sampleOf } from './readings';
import { isPresentSql } from '../profile/tally';

/** A column is not told to be of numbers by fewer of its cells. */
const MOSTLY = 0.5;

/** Units that differ in the case of letters alone and mean several: the column is kept as text. */
export async function unitDoubt(duck: Duck, { index, name, tally }: RawColumn): Promise<Finding | null> {
  const c = `c${index}`;
  const [behind, ...also] = unitsByCase(await sampleOf(duck, c));
  if (!behind) return null;
  const formats = numberFormats({ before: '', behind, also });
  const counts = await countsOf(duck, c, formats);
  const most = Math.max(...counts);
  if (most < MOSTLY * (tally.present - tally.tokens)) return null;
  const format = formats[counts.indexOf(most)];
  const seen = await unitsSeen(duck, c, format);
  return warning('NUMBER_FORMAT', {
    ...{ column: name, row: Math.min(...seen.map(({ row }) => row)), count: most },
    message: `${shown(name)}: ${listed(seen)} stand behind its numbers. They differ in the case of letters alone, but may be different units, so the column is kept as text.`,
    fix: `Write all numbers in one unit. If they are one unit, say so on upload, or with \`reingest\` of this file: columns: [{ name: ${shown(name)}, type: NUMBER, format: ${shown(format.name)} }].`,
    readings: [{ type: 'NUMBER', format: format.name }],
  });
}

/** Units that differ in the case of letters alone and were read as one; null where one is spelt in one way. */
export async function oneUnit(duck: Duck, { index, name }: RawColumn, format: Format): Promise<Finding | null> {
  const { also = [] } = affixesNamed(format.name);
  if (also.length === 0) return null;
  const seen = await unitsSeen(duck, `c${index}`, format);
  const [, second] = seen;
  return warning('NUMBER_FORMAT', {
    ...{ column: name, row: second.row, count: seen.slice(1).reduce((sum, { count }) => sum + count, 0) },
    message: `${shown(name)}: ${listed(seen)} stand behind its numbers. They differ in the case of letters alone, and were read as one unit.`,
    fix: `Nothing to do if they are one. If not, write all numbers in one unit and send the file as a new version.`,
  });
}

interface Seen {
  unit: string;
  count: number;
  row: number;
  cell: string;
}

/** Each spelling of the unit of a format, by the row where it first stands. */
async function unitsSeen(duck: Duck, c: string, format: Format): Promise<Seen[]> {
  const { behind, also = [] } = affixesNamed(format.name);
  const units = [behind, ...also].map(sqlText).join(', ');
  return duck.rows<Seen>(
    `SELECT unit, count(*) AS count, min(place) + 1 AS row, arg_min(v, place) AS cell
     FROM (SELECT ${c} AS v, rowid AS place, unnest(list_filter([${units}], lambda u: ends_with(rtrim(${c}, '-)'), u))) AS unit
           FROM ${RAW_TABLE} WHERE ${isPresentSql(c)} AND ${matchesSql(format, c)})
     GROUP BY unit ORDER BY row`,
  );
}

const listed = (seen: readonly Seen[]): string =>
  seen
    .map(
      ({ unit, count, row, cell }) =>
        `${shown(unit)} (${count.toLocaleString('en-US')}, such as ${shown(cell)} in row ${row})`,
    )
    .join(' and ');
