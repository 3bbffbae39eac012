/** How much rows count, as a column of the table says. */
import { shown } from '../../../formats';
import { EngineError, rowNumber, type Split, type Table, type Task } from '../../types';
import type { Parts } from '../../splits';
import { learnsFeatures, ranksWithin } from '../registry';
import type { Targets } from './shape';

/** Sums of them stay finite. */
const WEIGHT_MAX = 1e12;
const PLACE = 'weight';

/** Why rows of a task cannot count differently; null: they can. */
export function weightFault(task: Task): { message: string; hint: string } | null {
  if (!learnsFeatures(task) && !ranksWithin(task)) return null;
  const why = ranksWithin(task) ? 'which compares rows of a group with each other' : 'which learns no target';
  return { message: `weight is not of the task ${task}, ${why}`, hint: 'leave weight out, or choose another task' };
}

/** The targets with what their rows weigh. Throws EngineError for the first row whose weight is none. */
export function withWeights(targets: Targets, table: Table, name: string | undefined): Targets {
  if (name === undefined) return targets;
  const fault = weightFault(targets.task);
  if (fault) throw new EngineError(`${fault.message}.`, PLACE, `L${fault.hint.slice(1)}.`);
  const column = table.columns.find((each) => each.name === name)!;
  if (column.kind !== 'number')
    throw new EngineError(`Weight column ${shown(name)} holds texts.`, PLACE, 'Name a column of numbers, 0 or more.');
  const { values } = column;
  const row = targets.rows.find((each) => !(values[each] >= 0 && values[each] <= WEIGHT_MAX));
  if (row !== undefined) {
    const value = Number.isNaN(values[row]) ? 'has no value' : `is ${values[row]}`;
    throw new EngineError(
      `Weight column ${shown(name)} ${value} in row ${rowNumber(table, row)}; weights go from 0 to ${WEIGHT_MAX}.`,
      PLACE,
      'Correct the value, or leave such rows out by a step FILTER.',
    );
  }
  return { ...targets, weights: values };
}

/** Throws EngineError for a part of which no row counts. */
export function checkPartWeights({ weights }: Targets, parts: Parts): void {
  for (const [part, rows] of Object.entries(parts) as [Split, Uint32Array][]) {
    if (!weights || rows.length === 0 || rows.some((row) => weights[row] > 0)) continue;
    throw new EngineError(
      `Every row of the ${part} part has the weight 0.`,
      PLACE,
      'Give more rows a weight above 0, or divide the rows in another way.',
    );
  }
}
