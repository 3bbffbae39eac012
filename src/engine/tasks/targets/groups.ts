/** Groups of rows that a task ranks within, such as the answers to a query: those of the split, which never parts them. */
import { shown } from '../../../formats';
import { GRADE_MAX } from '../../metrics';
import { EngineError, rowNumber, type Column, type Table } from '../../types';
import { ranksWithin } from '../registry';
import type { Targets } from './shape';

/** Pairs of a group are compared. */
const GROUP_ROWS_MAX = 10_000;
const TASK = 'Ranking orders the rows of a group, such as the answers to a query';

/** Why a split does not do for a task; null: it does. @param groupColumn that the split keeps whole */
export function groupFault(task: string, groupColumn: string | null): { message: string; hint: string } | null {
  if (!ranksWithin(task) || groupColumn !== null) return null;
  return {
    message: `${TASK}: the split names no column of groups`,
    hint: 'add a step SPLIT of the kind group, whose column says of which group a row is',
  };
}

/** The targets with the groups of the split, if it keeps any. Throws EngineError where the task ranks and nothing can be ranked. */
export function withGroups(targets: Targets, table: Table, groupColumn: string | null): Targets {
  if (!ranksWithin(targets.task)) return { ...targets, ...dependentRows(table, groupColumn) };
  const fault = groupFault(targets.task, groupColumn);
  if (fault) throw new EngineError(`${fault.message}.`, 'split', `A${fault.hint.slice(1)}.`);
  checkGrades(targets, table);
  const column = table.columns.find(({ name }) => name === groupColumn)!;
  const groups = groupNumbers(column, table.rowCount);
  checkSizes(targets, groups, column);
  return { ...targets, groups };
}

function dependentRows(table: Table, groupColumn: string | null): Pick<Targets, 'dependent'> {
  const column = table.columns.find(({ name }) => name === groupColumn);
  return column ? { dependent: groupNumbers(column, table.rowCount) } : {};
}

function checkGrades({ columns: [{ name, values }] }: Targets, table: Table): void {
  const row = values.findIndex((value) => value < 0 || value > GRADE_MAX);
  if (row < 0) return;
  throw new EngineError(
    `Target ${shown(name)} is ${values[row]} in row ${rowNumber(table, row)}; grades go from 0 to ${GRADE_MAX}.`,
    'target',
    'Bring the grades to a few steps: 0 for rows that do not suit, more for those that do.',
  );
}

/** From 0, in the order of their first rows; rows without a group are one. */
function groupNumbers(column: Column, rowCount: number): Uint32Array {
  const keys = column.kind === 'number' ? column.values : column.codes;
  const numbers = new Map<number, number>();
  return Uint32Array.from({ length: rowCount }, (_, row) => {
    const known = numbers.get(keys[row]);
    if (known !== undefined) return known;
    numbers.set(keys[row], numbers.size);
    return numbers.size - 1;
  });
}

function checkSizes({ rows, columns: [target] }: Targets, groups: Uint32Array, column: Column): void {
  const sizes = new Map<number, number>();
  for (const row of rows) sizes.set(groups[row], (sizes.get(groups[row]) ?? 0) + 1);
  const large = rows.find((row) => sizes.get(groups[row])! > GROUP_ROWS_MAX);
  const fault = (message: string, path: string, hint: string) => new EngineError(message, path, hint);
  if (large !== undefined) {
    const key = column.kind === 'number' ? String(column.values[large]) : column.levels[column.codes[large]];
    const most = GROUP_ROWS_MAX.toLocaleString('en');
    const message = `Group ${shown(key)} of ${shown(column.name)} has ${sizes.get(groups[large])} rows; ranking takes ${most} of a group at most.`;
    throw fault(message, 'split.column', 'Name a column of smaller groups, or leave rows out by a step FILTER.');
  }
  if (sizes.size === rows.length) {
    const message = `Each group of ${shown(column.name)} has a single row, so there is nothing to rank.`;
    throw fault(message, 'split.column', 'Name a column that several rows have the same value of.');
  }
  if (!hasOrder(target.values, groups, rows)) {
    const message = `Target ${shown(target.name)} is the same in all rows of each group of ${shown(column.name)}, so there is nothing to rank.`;
    throw fault(message, 'target', 'Name a column of grades that differ within groups.');
  }
}

/** Whether the values of some group differ among these rows. */
export function hasOrder(values: Float64Array, groups: Uint32Array, rows: Uint32Array): boolean {
  const first = new Map<number, number>();
  return rows.some((row) => {
    const known = first.get(groups[row]);
    if (known === undefined) first.set(groups[row], values[row]);
    return known !== undefined && known !== values[row];
  });
}
