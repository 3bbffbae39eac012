/** The columns that steps may touch. */
import { splitColumn } from '../splits';
import { unitOf } from '../history/plan';
import type { Column, ColumnTraits, PlannedStep, SplitOptions } from '../types';
import type { KnownColumn, KnownColumns } from './definition';

interface Use {
  target: string | string[];
  drop: string[];
  split: SplitOptions;
  weight?: string;
  steps?: readonly Pick<PlannedStep, 'id' | 'kind' | 'parameters'>[];
}

const BY_SPLIT = 'is read by the split';

/** @param columns of the table, targets and all */
export function knownColumns(
  columns: readonly KnownColumn[],
  { target, drop, split, weight, steps }: Use,
): KnownColumns {
  const targets = new Set([target].flat());
  const dropped = new Set(drop);
  const read = splitColumn(split);
  const unit = unitOf(steps ?? []);
  const reasonOf = (name: string): string | null => {
    if (targets.has(name)) return 'is the target';
    if (dropped.has(name)) return 'is dropped';
    if (name === weight) return 'holds the weights of the rows';
    if (name === unit?.key) return 'names the entity';
    return name === read?.name && !read.isKnownLater ? BY_SPLIT : null;
  };
  const withheld = new Map<string, string>();
  for (const { name } of columns) {
    const reason = reasonOf(name);
    if (reason !== null) withheld.set(name, reason);
  }
  const known = columns.filter(({ name }) => !withheld.has(name));
  return {
    columns: known.map((column) => (column.name === read?.name ? { ...column, reserved: BY_SPLIT } : column)),
    withheld,
  };
}

export const knownOf = ({ name, kind }: Column, traits?: ReadonlyMap<string, ColumnTraits>): KnownColumn => ({
  name,
  kind,
  traits: traits?.get(name),
});
