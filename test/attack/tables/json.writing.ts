import type { Random } from '../../support/random';
import { pick, shuffled, type SmallColumn, type SmallTable } from './small-table';
import { type MomentStyle, momentStyle, momentWriter } from './moments.writing';
import { type TextStyle, textStyle } from './text.writing';

export interface JsonStyle extends TextStyle {
  blank: string;
  escaped: boolean;
  missing: 'null' | 'absent' | 'NaN';
  moments: MomentStyle;
  exponent: boolean;
  ordered: boolean;
}

export const jsonStyle = (random: Random): JsonStyle => ({
  ...textStyle(random),
  blank: pick(random, ['', ' ', '\t']),
  escaped: random.next() < 0.3,
  missing: pick(random, ['null', 'absent', 'NaN']),
  moments: momentStyle(random),
  exponent: random.next() < 0.2,
  ordered: random.next() < 0.5,
});

/** The members of each object, as texts `"key":value`: what a fault is put into. */
export function jsonMembers({ columns, rowCount }: SmallTable, style: JsonStyle, random: Random): string[][] {
  const written = columns.map((column) => valuesOf(column, style));
  return Array.from({ length: rowCount }, (_, row) => {
    const members = columns.flatMap(({ name }, at) => {
      const value = written[at][row];
      return value === null ? [] : [`${jsonText(name, style)}${style.blank}:${style.blank}${value}`];
    });
    return style.ordered ? members : shuffled(random, members);
  });
}

function valuesOf(column: SmallColumn, style: JsonStyle): (string | null)[] {
  const { type, cells } = column;
  const moment = momentWriter(column, style.moments);
  const isNumber = type === 'NUMBER' || type === 'INTEGER';
  return cells.map((value) => {
    if (value === null && style.missing === 'absent') return null;
    if (value === null) return style.missing === 'NaN' && isNumber ? 'NaN' : 'null';
    if (moment) return jsonText(moment(value), style);
    if (typeof value === 'string') return jsonText(value, style);
    return typeof value === 'number' && style.exponent ? exponential(value) : String(value);
  });
}

const exponential = (value: number): string => (value === 0 ? '0.0' : value.toExponential());

export const jsonText = (text: string, { escaped }: { escaped: boolean }): string =>
  escaped
    ? JSON.stringify(text).replace(/[^\0-~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : JSON.stringify(text);

export const jsonLines = (rows: string[][], { blank }: JsonStyle): string[] =>
  rows.map((members) => `${blank}{${blank}${members.join(`,${blank}`)}${blank}}`);
