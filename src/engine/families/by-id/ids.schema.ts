/** Parameters that bound how many ids a family has vectors for. */
import { z } from 'zod';
import { idCount, type IdEncoding } from '../../preprocess/encoding';
import { EngineError } from '../../types';

/** No table has more rows. */
export const IDS_MAX = 10_000_000;

export const idField = (what: string) =>
  z
    .int()
    .min(1)
    .max(IDS_MAX)
    .nullable()
    .default(null)
    .describe(
      `${what}: at most so many have a vector of their own, the most frequent ones of the training rows; null: all. Ids are ` +
        'numbers or texts, told apart by their value; one that training did not see is answered by the mean of all.',
    );

/** Rows of a table of vectors: the ids of the training rows; as many as a parameter says where features are places already. */
export function idCountOf(
  ids: IdEncoding | undefined,
  parameter: string,
  most: number | null,
): { ids: number; complete: boolean } {
  if (ids) return { ids: idCount(ids), complete: ids.complete };
  if (most !== null) return { ids: most, complete: false };
  throw new EngineError(
    'How many ids there are is not known.',
    `estimator.parameters.${parameter}`,
    `Give ${parameter}, as the features are places in a table.`,
  );
}
