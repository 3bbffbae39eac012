/** The columns that steps may touch. */
import { splitColumn } from '../splits';
import { unitOf } from '../history/plan';
import type { Column, ColumnTraits, PlannedStep, SplitOptions } from '../types';
import type { KnownColumn, KnownColumns } from './definition';

interface Use {
  target: string | string[];
  drop: string[];
  split: SplitOptions;
  steps?: readonly Pick<PlannedStep, 'id' | 'kind' | 'parameters'>[];
}

/** @param columns of the table, targets and all */
export function knownColumns(columns: readonly KnownColumn[], { target, drop, split, steps }: Use): KnownColumns {
  const targets = new Set([target].flat());
  const dropped = new Set(drop);
  const read = splitColumn(split);
  const unit = unitOf(steps ?? []);
  const reasonOf = (name: string): string | null => {
    if (targets.has(name)) return 'is the target';
    if (name === read?.name) return 'is read by the split';
    if (name === unit?.key) return 'names the entity';
    return dropped.has(name) ? 'is dropped' : null;
  };
  const withheld = new Map<string, string>();
  for (const { name } of columns) {
    const reason = reasonOf(name);
    if (reason !== null) withheld.set(name, reason);
  }
  return { columns: columns.filter(({ name }) => !withheld.has(name)), withheld };
}

export const knownOf = ({ name, kind }: Column, traits?: ReadonlyMap<string, ColumnTraits>): KnownColumn => ({
  name,
  kind,
  traits: traits?.get(name),
});
