/** The rows of an answer, whatever its kind: read from the outputs of a graph, cut, joined, compared. */
import type { Numbers, OutputBatch } from '../serving';
import type { OfKind } from './kinds';

type Values = Numbers | string[];
type Kind = OutputBatch['kind'];

interface OutputRows<B> {
  /** Its lists, each row-major with as many values for every row, in the order of the outputs of a serving graph. */
  lists: readonly (keyof B)[];
  /** @param values of each list, in order */
  of(rowCount: number, values: Values[]): B;
  /** The list of numbers by which the same rows in another precision are compared. */
  compared: keyof B;
}

const OUTPUT_ROWS: { [K in Kind]: OutputRows<OfKind<OutputBatch, K>> } = {
  numbers: {
    lists: ['prediction'],
    of: (rowCount, [prediction]) => ({ kind: 'numbers', rowCount, prediction: prediction as Numbers }),
    compared: 'prediction',
  },
  labels: {
    lists: ['prediction', 'probabilities'],
    of: (rowCount, [prediction, probabilities]) => ({
      kind: 'labels',
      rowCount,
      prediction: prediction as string[],
      probabilities: probabilities as Float32Array,
    }),
    compared: 'probabilities',
  },
};

const listsOf = (kind: Kind): readonly string[] => OUTPUT_ROWS[kind].lists;
const valuesOf = (output: OutputBatch, list: string): Values => (output as never)[list];

/** How many outputs of a graph an answer is read from. */
export const outputCount = (kind: Kind): number => listsOf(kind).length;

/** @param values of each list, in order */
export const outputOf = (kind: Kind, rowCount: number, values: Values[]): OutputBatch =>
  OUTPUT_ROWS[kind].of(rowCount, values);

export const comparedValues = (output: OutputBatch): Numbers =>
  valuesOf(output, OUTPUT_ROWS[output.kind].compared) as Numbers;

/** Rows `start` up to `end` of an answer; numbers are views. Runs once for each request of a batch. */
export function sliceOutput(output: OutputBatch, start: number, end: number): OutputBatch {
  const { kind, rowCount } = output;
  if (start === 0 && end === rowCount) return output;
  const cut = listsOf(kind).map((list) => {
    const values = valuesOf(output, list);
    const perRow = values.length / rowCount;
    return Array.isArray(values)
      ? values.slice(start * perRow, end * perRow)
      : values.subarray(start * perRow, end * perRow);
  });
  return outputOf(kind, end - start, cut);
}

/** The answer over all rows, in order, of answers of one model. */
export function joinOutputs(parts: OutputBatch[]): OutputBatch {
  const [{ kind }] = parts;
  if (parts.length === 1) return parts[0];
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const joined = listsOf(kind).map((list) => joinValues(parts.map((part) => valuesOf(part, list))));
  return outputOf(kind, rowCount, joined);
}

const joinValues = (parts: Values[]): Values =>
  Array.isArray(parts[0]) ? (parts as string[][]).flat() : joinFloats(parts as Numbers[]);

export function joinFloats<T extends Numbers>(parts: T[]): T {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new (parts[0].constructor as new (length: number) => T)(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
