import { PraxisError } from './errors/errors';

/** Values that a client may give for one thing, by the names of the inputs: the new name first, then those it replaces. */
type Named<T> = Record<string, T | null | undefined>;

/**
 * The value that was given, under whichever name; null when none was.
 * @throws PraxisError VALIDATION_FAILED when two of them differ
 */
export function eitherOf<T>(named: Named<T>): T | null {
  const present = Object.entries(named).filter(([, value]) => value !== null && value !== undefined) as [string, T][];
  const [first, ...others] = present;
  const other = others.find(([, value]) => JSON.stringify(value) !== JSON.stringify(first[1]));
  if (!other) return first?.[1] ?? null;
  throw PraxisError.invalid([
    {
      path: other[0],
      message: `differs from ${first[0]}`,
      hint: `give ${first[0]} alone`,
    },
  ]);
}

/** @throws PraxisError VALIDATION_FAILED also when none was given */
export function oneNamed<T>(named: Named<T>): T {
  const value = eitherOf(named);
  if (value !== null) return value;
  throw PraxisError.invalid([{ path: Object.keys(named)[0], message: 'is missing' }]);
}
