/** A symbolic batch in shapes that are numbers. */

/**
 * Stands for the batch size while recording. A large prime, so that a dimension is a multiple of it only when it was
 * computed from the batch size.
 */
export const BATCH = 99991;

export const isSymbolic = (size: number) => size >= BATCH && size % BATCH === 0;
