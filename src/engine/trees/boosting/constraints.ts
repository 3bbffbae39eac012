/** What people say of columns that trees have to keep to: directions, and which of them may meet. */
import { didYouMean, shown } from '../../../formats';
import { EngineError } from '../../types';
import { binCount, type ColumnBins } from '../bins';
import type { ColumnRule, Direction } from '../growing/split';

export const DIRECTIONS = { rises: 1, falls: -1 } as const;

export interface ColumnConstraints {
  /** By column. */
  monotone: Record<string, keyof typeof DIRECTIONS>;
  /** Null: any columns may meet. */
  interactions: string[][] | null;
}

/** Throws EngineError for a column that is not there, or that holds texts, and where a row has several scores. */
export function columnRules(bins: ColumnBins[], { monotone }: ColumnConstraints, scores: number): ColumnRule[] {
  const directions = new Map<number, Direction>();
  for (const [name, direction] of Object.entries(monotone)) {
    const path = `estimator.parameters.monotone.${name}`;
    if (scores > 1) {
      const message = 'Only the answer of one number or of one of two classes can rise or fall with a column.';
      throw new EngineError(message, 'estimator.parameters.monotone', 'Leave monotone out for this target.');
    }
    const column = placeOf(name, bins, path);
    if (bins[column].kind !== 'number')
      throw new EngineError(
        `Column ${shown(name)} holds texts, which have no order.`,
        path,
        'Name columns of numbers.',
      );
    directions.set(column, DIRECTIONS[direction]);
  }
  return bins.map((columnBins, column) => ({
    isText: columnBins.kind === 'category',
    bins: binCount(columnBins),
    direction: directions.get(column) ?? 0,
  }));
}

export function interactionGroups(bins: ColumnBins[], { interactions }: ColumnConstraints): number[][] | null {
  return (
    interactions &&
    interactions.map((group, i) => group.map((name) => placeOf(name, bins, `estimator.parameters.interactions.${i}`)))
  );
}

function placeOf(name: string, bins: ColumnBins[], path: string): number {
  const place = bins.findIndex((column) => column.name === name);
  if (place >= 0) return place;
  const names = bins.map((column) => column.name);
  throw new EngineError(
    `The model reads no column ${shown(name)}.`,
    path,
    didYouMean(name, names) || 'Name columns that the model reads.',
  );
}
