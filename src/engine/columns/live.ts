/** What of a plan the features need. */
import { stepOf } from '../steps/registry';
import type { Column } from '../types';
import type { ColumnPlan, PlannedColumn, PlannedTransform } from './plan';

export interface LivePlan {
  transforms: PlannedTransform[];
  /** The columns that become features: those of the table in its order, then those that steps make. */
  columns: PlannedColumn[];
  /** Names of the columns of the table that are read. */
  inputs: Set<string>;
}

/** @param features the columns of the table that may be features */
export function liveOf({ transforms, columns }: ColumnPlan, features: readonly Column[]): LivePlan {
  const names = new Set(features.map(({ name }) => name));
  const kept = columns.filter(({ slot, isComputed }) => isComputed || names.has(slot.name));
  const needed = new Set(kept.map(({ slot }) => slot.key));
  const live: PlannedTransform[] = [];
  for (const transform of transforms.toReversed()) {
    if (!transform.writes.some(({ key }) => needed.has(key))) continue;
    const part = neededPart(transform, needed);
    live.unshift(part);
    for (const { key } of part.reads) needed.add(key);
  }
  const written = new Set(transforms.flatMap(({ writes }) => writes.map(({ key }) => key)));
  return { transforms: live, columns: kept, inputs: new Set([...needed].filter((key) => !written.has(key))) };
}

function neededPart(transform: PlannedTransform, needed: ReadonlySet<string>): PlannedTransform {
  if (!stepOf(transform.step.kind).columns!.isColumnwise) return transform;
  const kept = (_: unknown, i: number) => needed.has(transform.writes[i].key);
  return { ...transform, reads: transform.reads.filter(kept), writes: transform.writes.filter(kept) };
}
