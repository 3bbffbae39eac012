/** Which columns a step touches: by name, pattern, type and role. */
import { z } from 'zod';
import { COLUMN_ROLES, COLUMN_TYPES, didYouMean, shown, type ColumnType } from '../../formats';
import type { Column } from '../types';
import type { KnownColumn, KnownColumns, TellFault } from './definition';

const NAMES_MAX = 10_000;
const PATTERNS_MAX = 100;

const columnTypes = Object.keys(COLUMN_TYPES) as [ColumnType, ...ColumnType[]];

export const columnName = z.string().min(1).max(500);

export const columnChoice = z
  .strictObject({
    names: z.array(columnName).min(1).max(NAMES_MAX).optional().describe('Columns by their names.'),
    patterns: z
      .array(columnName)
      .min(1)
      .max(PATTERNS_MAX)
      .optional()
      .describe(
        'Columns whose whole name matches one of these, beside those named: * stands for any text, ? for one character.',
      ),
    types: z
      .array(z.enum(columnTypes))
      .min(1)
      .optional()
      .describe('Only columns of one of these types of the dataset version; a column that a step makes has none.'),
    roles: z
      .array(z.enum(COLUMN_ROLES))
      .min(1)
      .optional()
      .describe('Only columns of one of these roles of the dataset version; a column that a step makes has none.'),
  })
  .optional()
  .describe('The columns that the step touches; left out: all that it can.');

export type ColumnChoice = z.output<typeof columnChoice>;

/** What a step takes, and what to do where a column of another kind is meant. */
export interface TakenKind {
  kind: Column['kind'];
  remedy: string;
}

const NUMBERS: TakenKind = {
  kind: 'number',
  remedy: 'name columns of numbers; where its values are numbers, read the file again with that type (reingest)',
};

/** What is chosen and of the kind; a name of another kind is a fault, as is one that is not there. @param takes null: any */
export function chooseColumns(
  choice: ColumnChoice,
  known: KnownColumns,
  takes: TakenKind | 'number' | null,
  fault: TellFault,
): KnownColumn[] {
  const { columns } = known;
  const { names, patterns, types, roles } = choice ?? {};
  const taken = takes === 'number' ? NUMBERS : takes;
  const byName = new Map(columns.map((column) => [column.name, column]));
  names?.forEach((name, i) => {
    const path = `.columns.names[${i}]`;
    const column = byName.get(name);
    if (!column || column.reserved) return fault(path, ...absence(name, known));
    if (taken && column.kind !== taken.kind) {
      const type = column.traits ? ` (its type is ${column.traits.type})` : '';
      fault(path, `column ${shown(name)} holds ${PLURAL[column.kind]}${type}`, taken.remedy);
    }
  });
  const [named, expressions] = [new Set(names), patterns?.map(toRegExp) ?? []];
  const isMeant = (name: string) =>
    (!names && !patterns) || named.has(name) || expressions.some((expression) => expression.test(name));
  return columns.filter(
    ({ name, kind: columnKind, traits, reserved }) =>
      reserved === undefined &&
      (taken === null || columnKind === taken.kind) &&
      isMeant(name) &&
      (!types || (traits !== undefined && types.includes(traits.type))) &&
      (!roles || (traits !== undefined && roles.includes(traits.role))),
  );
}

const PLURAL: Record<Column['kind'], string> = { number: 'numbers', category: 'texts' };

/** Why a step cannot have a column, and what to do. */
export function absence(name: string, { columns, withheld, makers }: KnownColumns): [message: string, hint: string] {
  const why = withheld.get(name) ?? columns.find((column) => column.name === name)?.reserved;
  if (why) return [`column ${shown(name)} ${why}`, 'take another column'];
  const maker = makers?.get(name);
  if (maker !== undefined) {
    const message = `column ${shown(name)} is made by ${shown(maker)}, from which no edges lead here`;
    return [message, `add an edge from ${shown(maker)}`];
  }
  const names = columns.map((column) => column.name);
  return [
    `there is no column ${shown(name)} here`,
    didYouMean(name, names) || 'name a column of the dataset, or add an edge from the step that makes it',
  ];
}

/** Linear in the length of the name: a star gives way to the first place where the rest fits. */
function toRegExp(pattern: string): { test(name: string): boolean } {
  return { test: (name) => matches([...pattern], [...name]) };
}

function matches(pattern: string[], text: string[]): boolean {
  let [p, t, star, from] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') [star, from, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, t, from] = [star + 1, from + 1, from + 1];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
