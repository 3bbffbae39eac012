import { sampleRows } from '../../../src/engine/trees/boosting/row-sample';
import { rowMemory, type RowMemory } from '../../../src/engine/trees/rows/row-memory';
import { RowWork } from '../../../src/engine/trees/rows/row-work';
import { Random } from '../../../src/engine/random';
import { fitTrees, learntOf, mixedTable, rowNumbers, uniform } from './boosting.fixture';

const ROWS = 20_000;
const { columns, y } = mixedTable(ROWS);
const empty = fitTrees(columns, y, { rules: { rounds: 0 } });

/** Gradients of rows, half of them negative, and Hessians. */
function memoryOf(gradientOf: (random: Random) => number): RowMemory {
  const random = new Random(3);
  const memory = rowMemory(empty.binned(columns, ROWS), learntOf(y));
  for (let row = 0; row < ROWS; row++) {
    memory.gradients[row] = gradientOf(random) * (row % 2 === 0 ? 1 : -1);
    memory.hessians[row] = uniform(random);
  }
  return memory;
}

const magnitude = (values: Iterable<number>) => {
  const sizes = [...values].map(Math.abs);
  const most = sizes.reduce((a, b) => Math.max(a, b));
  return { sum: sizes.reduce((a, b) => a + b, 0), most, least: sizes.reduce((a, b) => Math.min(a, b)) };
};
const magnitudesOf = ({ gradients, hessians }: RowMemory) => ({
  gradients: magnitude(gradients),
  hessians: magnitude(hessians),
});

describe('the rows of a tree', () => {
  it('are all of them where the share is 1', () => {
    const memory = memoryOf(uniform);
    const magnitudes = magnitudesOf(memory);
    expect(sampleRows(memory, magnitudes, { rowShare: 1, topShare: 0.5 }, 1)).toEqual({ rows: ROWS, magnitudes });
    expect(memory.order).toEqual(Object.assign(memory.order.slice(), rowNumbers(ROWS)));
  });

  it('are drawn alike where none is large, as they are, and before the others', () => {
    const memory = memoryOf(uniform);
    const before = memory.gradients.slice();
    const { rows } = sampleRows(memory, magnitudesOf(memory), { rowShare: 0.3, topShare: 0 }, 1);
    expect(Math.abs(rows / ROWS - 0.3)).toBeLessThan(0.02);
    expect(memory.gradients).toEqual(before);
    const parts = [memory.order.slice(0, rows), memory.order.slice(rows)];
    for (const part of parts) expect(part).toEqual(part.slice().sort());
    expect([...memory.order].sort((a, b) => a - b)).toEqual([...rowNumbers(ROWS)]);
  });

  it('are those of the largest gradients, and some of the others that count for all of them', () => {
    const memory = memoryOf((random) => uniform(random) ** 2);
    const [gradients, hessians] = [memory.gradients.slice(), memory.hessians.slice()];
    const { rows, magnitudes } = sampleRows(memory, magnitudesOf(memory), { rowShare: 0.25, topShare: 0.2 }, 1);
    const sizes = gradients.map(Math.abs);
    const kept = [...memory.order.subarray(0, rows)];
    const whole = kept.filter((row) => memory.gradients[row] === gradients[row]);
    const drawn = kept.filter((row) => memory.gradients[row] === gradients[row] * 4);
    expect(whole.length + drawn.length).toBe(rows);
    expect(drawn.map((row) => memory.hessians[row])).toEqual(drawn.map((row) => hessians[row] * 4));
    const least = Math.min(...whole.map((row) => sizes[row]));
    expect(Math.max(...drawn.map((row) => sizes[row]))).toBeLessThan(least);
    expect(sizes.filter((size) => size >= least)).toHaveLength(whole.length);
    expect(whole.length / ROWS).toBeGreaterThan(0.195);
    expect(whole.length / ROWS).toBeLessThanOrEqual(0.2);
    const sum = (of: number[], values: ArrayLike<number>) => of.reduce((total, row) => total + values[row], 0);
    expect(sum(kept, memory.hessians) / sum([...rowNumbers(ROWS)], hessians)).toBeCloseTo(1, 1);
    expect(magnitudes).toEqual({
      gradients: magnitude(kept.map((row) => memory.gradients[row])),
      hessians: magnitude(kept.map((row) => memory.hessians[row])),
    });
  });

  it.each([0, 1])('are drawn where all gradients are %p', (gradient) => {
    const memory = memoryOf(() => gradient);
    const { rows } = sampleRows(memory, magnitudesOf(memory), { rowShare: 0.25, topShare: 0.2 }, 1);
    expect(Math.abs(rows / ROWS - 0.25)).toBeLessThan(0.02);
  });

  it.each([0, 0.2])('and those that no tree was fitted to have the scores of all trees (largest %p)', (topShare) => {
    let work: RowWork | null = null;
    const rules = { rounds: 5, rowShare: 0.25, topShare };
    const { scores } = fitTrees(columns, y, {
      rules,
      work: (binned, learnt) => (work = RowWork.alone(rowMemory(binned, learnt))),
    });
    const expected = scores(columns, ROWS);
    work!.memory.scores.forEach((score, row) => expect(score).toBeCloseTo(expected[row], 10));
  });
});
