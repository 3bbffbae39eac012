import { sampleRows } from '../../../src/engine/trees/boosting/row-sample';
import type { Magnitudes } from '../../../src/engine/trees/growing/packing';
import type { RowMemory } from '../../../src/engine/trees/rows/row-memory';
import type { RowWork } from '../../../src/engine/trees/rows/row-work';
import { Random } from '../../../src/engine/random';
import { fitTrees, learntOf, mixedTable, rowNumbers, uniform, workAlone } from './boosting.fixture';

const ROWS = 20_000;
const { columns, y } = mixedTable(ROWS);
const empty = fitTrees(columns, y, { rules: { rounds: 0 } });

/** Gradients of rows, half of them negative, and Hessians. */
function workOf(gradientOf: (random: Random) => number): RowWork {
  const random = new Random(3);
  const work = workAlone(empty.binned(columns, ROWS), learntOf(y));
  const { gradients, hessians } = work.memory;
  for (let row = 0; row < ROWS; row++) {
    gradients[row] = gradientOf(random) * (row % 2 === 0 ? 1 : -1);
    hessians[row] = uniform(random);
  }
  return work;
}

const most = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const sum = (values: Float64Array): number => values.reduce((a, b) => a + Math.abs(b), 0);

function magnitudesOf({ gradients, hessians }: Pick<RowMemory, 'gradients' | 'hessians'>): Magnitudes {
  return {
    ...{ gradientSum: sum(gradients), gradientMost: most(gradients) },
    ...{ hessianSum: sum(hessians), hessianMost: most(hessians) },
    hessianLeast: hessians.reduce((a, b) => Math.min(a, b)),
  };
}

describe('the rows of a tree', () => {
  it('are all of them where the share is 1', () => {
    const work = workOf(uniform);
    const magnitudes = magnitudesOf(work.memory);
    expect(sampleRows(work, magnitudes, { rowShare: 1, topShare: 0.5 }, 1)).toEqual({ rows: ROWS, magnitudes });
    expect(work.rowNumbers(0)).toEqual(rowNumbers(ROWS));
  });

  it('are drawn alike where none is large, as they are, and before the others', () => {
    const work = workOf(uniform);
    const { order, gradients } = work.memory;
    const before = gradients.slice();
    const { rows } = sampleRows(work, magnitudesOf(work.memory), { rowShare: 0.3, topShare: 0 }, 1);
    expect(Math.abs(rows / ROWS - 0.3)).toBeLessThan(0.02);
    expect(gradients).toEqual(before);
    expect(work.rowNumbers(0)).toEqual(Uint32Array.from(order.subarray(0, rows)));
    for (const part of [order.slice(0, rows), order.slice(rows)]) expect(part).toEqual(part.slice().sort());
    expect([...order].sort((a, b) => a - b)).toEqual([...rowNumbers(ROWS)]);
  });

  it('are those of the largest gradients, and some of the others that count for all of them', () => {
    const work = workOf((random) => uniform(random) ** 2);
    const { memory } = work;
    const [gradients, hessians] = [memory.gradients.slice(), memory.hessians.slice()];
    const { rows, magnitudes } = sampleRows(work, magnitudesOf(memory), { rowShare: 0.25, topShare: 0.2 }, 1);
    const sizes = gradients.map(Math.abs);
    const kept = [...work.rowNumbers(0)];
    const whole = kept.filter((row) => memory.gradients[row] === gradients[row]);
    const drawn = kept.filter((row) => memory.gradients[row] === gradients[row] * 4);
    expect(kept).toHaveLength(rows);
    expect(whole.length + drawn.length).toBe(rows);
    expect(drawn.map((row) => memory.hessians[row])).toEqual(drawn.map((row) => hessians[row] * 4));
    const least = Math.min(...whole.map((row) => sizes[row]));
    expect(Math.max(...drawn.map((row) => sizes[row]))).toBeLessThan(least);
    expect(sizes.filter((size) => size >= least)).toHaveLength(whole.length);
    expect(whole.length / ROWS).toBeGreaterThan(0.195);
    expect(whole.length / ROWS).toBeLessThanOrEqual(0.2);
    const of = (values: Float64Array) => Float64Array.from(kept, (row) => values[row]);
    expect(sum(of(memory.hessians)) / sum(hessians)).toBeCloseTo(1, 1);
    const expected = magnitudesOf({ gradients: of(memory.gradients), hessians: of(memory.hessians) });
    expect(magnitudes).toEqual({
      ...expected,
      gradientSum: expect.closeTo(expected.gradientSum, 6),
      hessianSum: expect.closeTo(expected.hessianSum, 6),
    });
  });

  it.each([0, 1])('are drawn where all gradients are %p', (gradient) => {
    const work = workOf(() => gradient);
    const { rows } = sampleRows(work, magnitudesOf(work.memory), { rowShare: 0.25, topShare: 0.2 }, 1);
    expect(Math.abs(rows / ROWS - 0.25)).toBeLessThan(0.02);
  });

  it.each([0, 0.2])('and those that no tree was fitted to have the scores of all trees (largest %p)', (topShare) => {
    let work: RowWork | null = null;
    const rules = { rounds: 5, rowShare: 0.25, topShare };
    const { scores } = fitTrees(columns, y, {
      rules,
      work: (binned, learnt) => (work = workAlone(binned, learnt)),
    });
    const expected = scores(columns, ROWS);
    work!.memory.scores.forEach((score, row) => expect(score).toBeCloseTo(expected[row], 10));
  });
});
