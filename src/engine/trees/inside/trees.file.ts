/** What explanations are made of, as bytes: the trees, the bins of the columns, and some rows of the training. */
import { mixed } from '../growing/packing';
import { packNumbers, unpackNumbers } from '../state';
import type { BinnedRows, ColumnBins } from '../bins';
import { readRound, writeRound } from '../tree.numbers';
import type { Round } from '../tree';
import type { Background } from './interventional';

/** A score of a row is the start and what each tree says. */
export interface ScoredTrees {
  /** By output. */
  start: number[];
  rounds: Round[];
  /** Of the columns of the matrix that the trees read, in order. */
  columns: ColumnBins[];
  background: Background;
}

const VERSION = 1;

export function encodeTrees({ start, rounds, columns, background }: ScoredTrees): Uint8Array {
  const numbers = [...start, ...background.bins];
  for (const column of columns) if (column.kind === 'number') for (const bound of column.bounds) numbers.push(bound);
  for (const round of rounds) writeRound(round, numbers);
  const described = columns.map((column) => ({
    ...{ kind: column.kind, name: column.name },
    count: column.kind === 'number' ? column.bounds.length : column.count,
  }));
  const counts = { rounds: rounds.length, outputs: start.length, background: background.rows };
  return packNumbers({ version: VERSION, ...counts, columns: described }, numbers);
}

/** Throws where the bytes are none of a version that is known. */
export function decodeTrees(bytes: Uint8Array): ScoredTrees {
  const { header, reader } = unpackNumbers(bytes);
  if (header.version !== VERSION) throw new Error(`Trees of version ${header.version} are not known.`);
  const described = header.columns as { kind: ColumnBins['kind']; name: string; count: number }[];
  const next = (count: number): number[] => Array.from({ length: count }, () => reader.next());
  const start = next(header.outputs as number);
  const rows = header.background as number;
  const background = { rows, bins: Uint8Array.from(next(rows * described.length)) };
  const columns = described.map(({ kind, name, count }): ColumnBins =>
    kind === 'number' ? { kind, name, bounds: Float64Array.from(next(count)) } : { kind, name, count },
  );
  const rounds = Array.from({ length: header.rounds as number }, () => readRound(reader));
  return { start, rounds, columns, background };
}

/** More make the means over them more exact, and each explanation slower. */
const BACKGROUND_ROWS = 100;
const SEED = 0x0f05;

/** One drawn from each of as many parts of equal size; always the same. */
export function backgroundOf({ rows, columns, stride, bins }: BinnedRows): Background {
  const count = Math.min(rows, BACKGROUND_ROWS);
  const kept = new Uint8Array(count * columns);
  for (let i = 0; i < count; i++) {
    const at = Math.floor(((i + mixed(i, SEED) / 2 ** 32) * rows) / count) * stride;
    kept.set(bins.subarray(at, at + columns), i * columns);
  }
  return { rows: count, bins: kept };
}
