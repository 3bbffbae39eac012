import {
  COLUMN_TYPES,
  formatNames,
  formatsNamed,
  formatSql,
  isMissingWordSql,
  PLAIN_NUMBER,
  valueSql,
} from '../../../formats';
import { didYouMean } from '../../../kernel';
import type { Duck } from '../../tables/duck';
import { counted, refusal, refuse, RefusedFile, shown, warning, type Finding } from '../finding';
import type { ColumnType, RawColumn, TypedColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { bestReading, formatOf, ODD_SHARE, type Reading } from './readings';
import { remarksOn } from './remarks';
import type { StatedColumn } from './stated';

interface Stated {
  column: RawColumn;
  /** As it would be read if nothing were said, and how its texts would be. */
  inferred: TypedColumn;
  reading: Reading | null;
  statement: StatedColumn;
}

interface Read {
  column: TypedColumn;
  findings: Finding[];
}

/**
 * The column as its sender says it is: exactly that, or the file is refused with the first row that does not fit. Text is
 * kept as it was written; words that stand for missing values are missing in the other types.
 */
export async function readAsSaid(duck: Duck, claim: Stated): Promise<Read> {
  const { column, inferred, reading, statement } = claim;
  const { type } = statement;
  if (statement.format) return readAsWritten(duck, claim, statement.format);
  if (fitsAsSaid(inferred, type))
    return { column: asSaid(column, inferred, claim), findings: await remarksOn(duck, { column, type, reading }) };
  return readAsType(duck, claim);
}

/** Recognised as it was said. Whole numbers are numbers; of text that was asked for nothing is remarked. */
const fitsAsSaid = ({ type: found }: TypedColumn, type: ColumnType): boolean => {
  const { isText, includes = [] } = COLUMN_TYPES[type];
  return !isText && (found === type || includes.includes(found));
};

/** What is recognised as a type that the one which was said includes, such as dates among times. */
function asSaid(
  { index, physical }: RawColumn,
  inferred: TypedColumn,
  { reading, statement: { type } }: Stated,
): TypedColumn {
  if (inferred.type === type) return inferred;
  const { stored, kinds } = COLUMN_TYPES[type];
  if (!reading) {
    const expression = physical === stored ? inferred.expression : `CAST(${inferred.expression} AS ${stored})`;
    return { ...inferred, type, expression };
  }
  const format = [formatOf(reading), reading.format].find(({ kind }) => kinds.includes(kind))!;
  return { ...inferred, type, format, expression: valueSql(type, format, `c${index}`) };
}

async function readAsType(duck: Duck, { column, inferred, statement: { type } }: Stated): Promise<Read> {
  const { index, name, physical } = column;
  const { isText, takesAny, formats, holds, stored } = COLUMN_TYPES[type];
  const c = `c${index}`;
  if (physical !== 'VARCHAR') {
    if (takesAny) {
      const expression = COLUMN_TYPES[inferred.type].text(inferred.expression);
      return { column: { ...inferred, type, expression }, findings: [] };
    }
    if (physical !== stored || !holds) throw ofAnotherType(inferred, type);
    await refuseMisfits(duck, { column, type, fits: holds(c) });
    return { column: { ...inferred, type }, findings: [] };
  }
  if (isText) return { column: { index, name, type, expression: c, format: null }, findings: [] };
  const { format } = await bestReading(duck, c, formats);
  const value = formatSql(format, c);
  await refuseMisfits(duck, { column, type, fits: holds?.(value) ?? `${value} IS NOT NULL` });
  const remarks = await remarksOn(duck, { column, type, reading: { format, odd: 0, first: null } });
  return {
    column: { index, name, type, expression: valueSql(type, format, c), format },
    findings: [...remarks, ...digitsLost(column, type, format === PLAIN_NUMBER ? column.tally.large : 0)],
  };
}

/** By the format that was said, of which a few cells may be odd, as where a format is recognised. */
async function readAsWritten(
  duck: Duck,
  { column, inferred, statement: { type } }: Stated,
  written: string,
): Promise<Read> {
  const { index, name, physical, tally } = column;
  if (physical !== 'VARCHAR') throw notWritten(inferred, written);
  const c = `c${index}`;
  const reading = await bestReading(duck, c, formatsNamed(written, type));
  const { format, odd, far = 0 } = reading;
  const value = formatSql(format, c);
  const claim = { column, type, written };
  if (odd - far > ODD_SHARE * (tally.present - tally.tokens))
    await refuseMisfits(duck, { ...claim, fits: `${value} IS NOT NULL` });
  const { holds } = COLUMN_TYPES[type];
  if (holds) await refuseMisfits(duck, { ...claim, fits: `${value} IS NULL OR ${holds(value)}` });
  const large = format === PLAIN_NUMBER ? tally.large : (reading.tally?.huge ?? 0);
  return {
    column: { index, name, type, expression: valueSql(type, format, c), format },
    findings: [...(await remarksOn(duck, { column, type, reading })), ...digitsLost(column, type, large)],
  };
}

interface Claim {
  column: RawColumn;
  type: ColumnType;
  /** The format that was said. */
  written?: string;
  /** Of a present value. */
  fits: string;
}

async function refuseMisfits(duck: Duck, { column, type, written, fits }: Claim): Promise<void> {
  const { index, name } = column;
  const text = `CAST(c${index} AS VARCHAR)`;
  const misfit = `${text} IS NOT NULL AND NOT ${isMissingWordSql(text)} AND (${fits}) IS NOT TRUE`;
  const { count, at, value } = await duck.one<{ count: number; at: number | null; value: string }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS at, arg_min(${text}, rowid) AS value FROM ${RAW_TABLE} WHERE ${misfit}`,
  );
  if (at === null) return;
  const claim = written ? `${type}, written as ${shown(written)}` : type;
  refuse('COLUMN_MISMATCH', {
    ...{ column: name, row: at, count },
    message: `${shown(name)} was said to be ${claim}, but row ${at} holds ${shown(value)}; ${counted(count, 'value')} ${count === 1 ? 'does' : 'do'} not fit.`,
    fix: `Correct the values, or say another type ${written ? 'or format ' : ''}of the column.${otherFormats(column, type, written)}`,
  });
}

/** Formats in which the column can be read; where none can, the known ones. */
function otherFormats({ readings }: RawColumn, type: ColumnType, written?: string): string {
  const known = formatNames(type);
  const names = readings.map(({ format }) => format.name).filter((name) => formatsNamed(name, type).length > 0);
  const others = names.filter((name) => name !== written);
  if (others.length > 0) return ` The values can be read as ${others.map(shown).join(' or ')}: say it as \`format\`.`;
  return written ? ` ${didYouMean('', known)}` : '';
}

const ofAnotherType = ({ name, type: found }: TypedColumn, type: ColumnType): RefusedFile =>
  new RefusedFile([
    refusal('COLUMN_MISMATCH', {
      column: name,
      message: `${shown(name)} was said to be ${type}, but the file itself holds it as ${found}.`,
      fix: 'Say its own type, or nothing, of a column that the file has typed.',
    }),
  ]);

const notWritten = ({ name, type: found }: TypedColumn, written: string): RefusedFile =>
  new RefusedFile([
    refusal('COLUMN_MISMATCH', {
      column: name,
      message: `${shown(name)} was said to be written as ${shown(written)}, but the file itself holds it as ${found}, not as texts.`,
      fix: 'Leave its format out.',
    }),
  ]);

/** Whoever asks for a number gets the nearest one, and is told. */
const digitsLost = ({ name }: RawColumn, type: ColumnType, count: number): Finding[] =>
  count === 0
    ? []
    : [
        warning('LARGE_INTEGER', {
          column: name,
          count,
          message: `${shown(name)}: ${counted(count, 'whole number')} beyond 2^53 lose digits, as the column was said to be ${type}.`,
          fix: 'Say TEXT where these are names.',
        }),
      ];
