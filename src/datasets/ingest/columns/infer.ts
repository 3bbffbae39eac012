import {
  ANY_TEXT,
  BOOLEAN_FORMATS,
  type ColumnType,
  type Format,
  PLAIN_NUMBER,
  typeOfKind,
  typeOfStored,
  valueSql,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import { asText, textKept } from './declared-text';
import type { Finding } from '../finding';
import type { PlainColumn } from './plain-column';
import { numberDoubts } from './number-doubts';
import { chosen, conventionsOf, formatOf, type Points, pointsOf, readingsOf, type Reading } from './readings';
import { remarksOn } from './remarks';
import type { StatedColumn } from './stated';
import { readAsSaid } from './stated-column';
import { isPlainNumber, NO_TALLY, numbersOverflow, shapeSql, type Tally, tallySql } from '../profile/tally';

export type { ColumnType };

export interface TypedColumn {
  index: number;
  name: string;
  type: ColumnType;
  /** Over the raw table: DOUBLE, BOOLEAN, TIMESTAMP or VARCHAR; NULL is missing. */
  expression: string;
  /** How the cells are written; null for text, and for values that the file holds as such. */
  format: Format | null;
  /** The sender has said the type. */
  isSaid?: boolean;
}

/** A column of the raw table, and how it can be read. */
export interface RawColumn {
  index: number;
  name: string;
  /** As DuckDB names it; VARCHAR for texts. */
  physical: string;
  tally: Tally;
  /** Different ones that read the same cells; more than one when it is not sure which is meant. */
  readings: Reading[];
  /** Its values were loaded with their type. */
  loaded?: Pick<PlainColumn, 'typed' | 'words'>;
  /** In numbers as programs write them, where the file does not say that they are numbers. */
  points: Points;
}

export interface InferOptions {
  findings: Finding[];
  onColumn: (index: number) => void;
  /** What the sender says of columns, by their names; the others are recognised. */
  stated: ReadonlyMap<string, StatedColumn>;
  /** What a column may become, by its place, of which the file says that it holds texts; null or nothing for others. */
  texts?: readonly (readonly ColumnType[] | null)[];
  /** By its place, a column that was loaded with its type. */
  plain?: readonly (PlainColumn | null)[];
  /** The file says of numbers that they are numbers. */
  hasTypedNumbers?: boolean;
}

/** Decides the types of all columns of the raw table from all their values, and says what was treated specially. */
export async function inferColumns(
  duck: Duck,
  names: string[],
  { findings, onColumn, stated, texts = [], plain = [], hasTypedNumbers = false }: InferOptions,
): Promise<TypedColumn[]> {
  const columns: RawColumn[] = [];
  for (const [index, name] of names.entries()) {
    onColumn(index);
    const loaded = plain[index];
    columns.push(loaded ? loadedColumn(index, name, loaded) : await rawColumn(duck, { index, name, hasTypedNumbers }));
  }
  const conventions = conventionsOf(columns);
  const typed: TypedColumn[] = [];
  for (const column of columns) {
    const reading = await chosen(duck, column, conventions);
    const inferred = typedColumn(column, reading);
    const statement = stated.get(column.name);
    if (statement) {
      const read = await readAsSaid(duck, { column, inferred, reading, statement });
      typed.push({ ...read.column, isSaid: true });
      findings.push(...read.findings);
    } else if (texts[column.index]?.includes(inferred.type) === false) {
      typed.push(asText(inferred));
      findings.push(textKept(inferred));
    } else {
      typed.push(inferred);
      findings.push(...(await remarksOn(duck, { column, type: inferred.type, reading })));
      if (reading?.format === PLAIN_NUMBER || column.physical === 'DOUBLE')
        findings.push(...(await numberDoubts(duck, column)));
    }
  }
  return typed;
}

/** What rawColumn makes of a column of texts of which each is of the plain form. */
const loadedColumn = (index: number, name: string, { format, tally, points, ...loaded }: PlainColumn): RawColumn => ({
  ...{ index, name, physical: 'VARCHAR', tally, points, loaded },
  readings: [{ format, odd: 0, first: null, isTelling: format !== PLAIN_NUMBER }],
});

async function rawColumn(
  duck: Duck,
  { index, name, hasTypedNumbers }: { index: number; name: string; hasTypedNumbers: boolean },
): Promise<RawColumn> {
  const c = `c${index}`;
  const { physical, isRepeated } = await duck.one<{ physical: string; isRepeated: boolean }>(shapeSql(c));
  const tally = typeOfStored(physical) ? NO_TALLY : await duck.one<Tally>(tallySql(c, isRepeated));
  const column: RawColumn = { index, name, physical, tally, readings: [], points: 'none' };
  if (physical !== 'VARCHAR') return column;
  const readings = await textReadings(duck, column);
  const isDoubtful = readings[0]?.format === PLAIN_NUMBER && !hasTypedNumbers;
  return { ...column, readings, points: isDoubtful ? await pointsOf(duck, c) : 'none' };
}

async function textReadings(duck: Duck, { index, tally }: RawColumn): Promise<Reading[]> {
  const { present, tokens, booleans, leadingZeros, large } = tally;
  if (present === tokens || numbersOverflow(tally)) return [];
  const whole = { odd: 0, first: null };
  if (isPlainNumber(tally)) return leadingZeros > 0 || large > 0 ? [] : [{ format: PLAIN_NUMBER, ...whole }];
  if (booleans > 0 && booleans + tokens === present) return [{ format: BOOLEAN_FORMATS[0], ...whole }];
  return readingsOf(duck, { index, tally });
}

function typedColumn({ index, name, physical, tally, loaded }: RawColumn, reading: Reading | null): TypedColumn {
  const column = `c${index}`;
  const native = typeOfStored(physical);
  if (native) return { index, name, type: native, expression: column, format: null };
  if (physical === 'DOUBLE') {
    const expression = `CASE WHEN isfinite(${column}) THEN ${column} END`;
    return { index, name, type: typeOfKind('number', tally), expression, format: null };
  }
  if (!reading) return { index, name, type: ANY_TEXT, expression: column, format: null };
  const format = formatOf(reading);
  const type = typeOfKind(format.kind, reading.tally ?? tally);
  const expression = loaded ? (loaded.typed?.(column) ?? column) : expressionOf(type, format, column);
  return { index, name, type, expression, format };
}

/** Plain numbers are cast at once: the tally has seen that all of them are. */
const expressionOf = (type: ColumnType, format: Format, column: string): string =>
  format === PLAIN_NUMBER
    ? `CASE WHEN isfinite(TRY_CAST(${column} AS DOUBLE)) THEN TRY_CAST(${column} AS DOUBLE) END`
    : valueSql(type, format, column);
