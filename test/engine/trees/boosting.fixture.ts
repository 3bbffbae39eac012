import { binCount, binRows, fitBins, type BinnedRows, type ColumnBins } from '../../../src/engine/trees/bins';
import { boost, type Boosted, type BoostRules } from '../../../src/engine/trees/boosting/boost';
import type { BoostingLossName } from '../../../src/engine/trees/boosting/losses';
import type { ColumnRule } from '../../../src/engine/trees/growing/split';
import { rowMemory, type Learnt } from '../../../src/engine/trees/rows/row-memory';
import { RowWork } from '../../../src/engine/trees/rows/row-work';
import { addAnswers, type Round } from '../../../src/engine/trees/tree';
import { fitPlain } from '../../../src/engine/preprocess/plain/plain';
import { plainColumns } from '../../../src/engine/preprocess/plain/plain.rows';
import { Random } from '../../../src/engine/random';
import type { Column } from '../../../src/engine/types';

export const RULES: BoostRules = {
  ...{ rounds: 20, learningRate: 0.1, patience: 0, rowShare: 1, topShare: 0, columnShare: 1 },
  ...{ leavesMax: 31, depthMax: null, interactions: null },
  ...{ rowsPerLeaf: 20, hessianMin: 1e-3, l1: 0, l2: 0, gainMin: 0 },
};

const LOSS_SETTINGS = { delta: 1, quantile: 0.5, power: 1.5 };

export const rowNumbers = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, i) => i);

export const uniform = (random: Random): number => random.uint32() / 2 ** 32;

/** A number with gaps, a number of few values and a text, and a target that depends on each. */
export function mixedTable(rows: number, seed = 1): { columns: Column[]; y: Float32Array } {
  const random = new Random(seed);
  const a = Float64Array.from({ length: rows }, () => (uniform(random) < 0.1 ? NaN : uniform(random) * 1e6));
  const b = Float64Array.from({ length: rows }, () => random.below(5));
  const levels = Array.from({ length: 30 }, (_, i) => `level ${i}`);
  const codes = Int32Array.from({ length: rows }, () => (uniform(random) < 0.05 ? -1 : random.below(30)));
  const y = Float32Array.from({ length: rows }, (_, i) => {
    const fromA = Number.isNaN(a[i]) ? 3 : a[i] / 1e5;
    return fromA + b[i] + (codes[i] % 3) * 2 + uniform(random);
  });
  return {
    columns: [
      { name: 'a', kind: 'number', values: a },
      { name: 'b', kind: 'number', values: b },
      { name: 'c', kind: 'category', codes, levels },
    ],
    y,
  };
}

/** Of the trees that are grown, at most. */
export const LEAVES_MAX = 64;

export const workAlone = (binned: BinnedRows, learnt: Learnt): RowWork =>
  RowWork.alone(rowMemory(binned, learnt), LEAVES_MAX);

/** As the loss `squared` has it. */
export const learntOf = (y: Float32Array): Learnt => ({
  targets: { rows: y.length, count: 1, y, weight: null },
  ...{ outputs: 1, loss: { name: 'squared', settings: LOSS_SETTINGS } },
});

/** Free of directions where there are none. */
export const columnRules = (bins: ColumnBins[], directions?: (-1 | 0 | 1)[]): ColumnRule[] =>
  bins.map((column, c) => ({
    isText: column.kind === 'category',
    bins: binCount(column),
    direction: directions?.[c] ?? 0,
  }));

interface Fit {
  loss?: BoostingLossName;
  settings?: Partial<typeof LOSS_SETTINGS>;
  outputs?: number;
  rules?: Partial<BoostRules>;
  directions?: (-1 | 0 | 1)[];
  weight?: Float32Array;
  seed?: number;
  work?: (binned: BinnedRows, learnt: Learnt) => RowWork;
  proceed?: () => void;
  resume?: Round[];
  done?: (round: Round) => void;
  binsMax?: number;
}

export interface FittedTrees {
  boosted: Boosted;
  bins: ColumnBins[];
  /** Scores of rows, [rows, outputs]. */
  scores(columns: Column[], rows: number): Float64Array;
  binned(columns: Column[], rows: number): ReturnType<typeof binRows>;
}

export function fitTrees(columns: Column[], y: Float32Array, o: Fit = {}): FittedTrees {
  const rows = y.length / (o.loss === 'softmax' ? 1 : (o.outputs ?? 1));
  const { plain } = fitPlain(columns, rowNumbers(rows), {}).encoding;
  const bins = plainColumns(columns, plain!).map((column) => fitBins(column, rowNumbers(rows), o.binsMax));
  const binned = (columns: Column[], count: number) => binRows(plainColumns(columns, plain!), bins, rowNumbers(count));
  const outputs = o.outputs ?? 1;
  const data = binned(columns, rows);
  const targets = { rows, count: o.loss === 'softmax' ? 1 : outputs, y, weight: o.weight ?? null };
  const learnt = {
    targets,
    outputs,
    loss: { name: o.loss ?? 'squared', settings: { ...LOSS_SETTINGS, ...o.settings } },
  };
  const boosted = boost({
    validation: null,
    columns: columnRules(bins, o.directions),
    rules: { ...RULES, ...o.rules },
    seed: o.seed ?? 1,
    resume: o.resume ?? [],
    work: (o.work ?? workAlone)(data, learnt),
    proceed: o.proceed ?? (() => {}),
    done: o.done ?? (() => {}),
  });
  return {
    boosted,
    bins,
    binned,
    scores: (columns, count) => {
      const values = Float64Array.from({ length: count * outputs }, () => 0);
      const rowsOf = binned(columns, count);
      for (const round of boosted.rounds)
        round.forEach((tree, output) => addAnswers(tree, rowsOf, { values, outputs }, output));
      return values.map((value, i) => value + boosted.start[i % outputs]);
    },
  };
}
