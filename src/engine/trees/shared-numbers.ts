/** Numbers in memory that threads share. */

export const sharedDoubles = (count: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * count));

export const sharedIntegers = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * count));
