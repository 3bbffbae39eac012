/** The columns that steps may touch. */
import { splitColumn } from '../splits';
import type { Column, ColumnTraits, SplitOptions } from '../types';
import type { KnownColumn, KnownColumns } from './definition';

interface Use {
  target: string | string[];
  drop: string[];
  split: SplitOptions;
}

/** @param columns of the table, targets and all */
export function knownColumns(columns: readonly KnownColumn[], { target, drop, split }: Use): KnownColumns {
  const targets = new Set([target].flat());
  const dropped = new Set(drop);
  const read = splitColumn(split);
  const reasonOf = (name: string): string | null => {
    if (targets.has(name)) return 'is the target';
    if (name === read?.name) return 'is read by the split';
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
