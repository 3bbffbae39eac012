/** Work on rows by one thread and by several: the same to the last bit, and no thread is left. */
import { leafValue } from '../../../src/engine/trees/growing/gain';
import { addRows, SLOTS } from '../../../src/engine/trees/growing/histogram';
import { growTree } from '../../../src/engine/trees/growing/grow';
import { rowMemory } from '../../../src/engine/trees/rows/row-memory';
import { blockRowsOf, sharesOf } from '../../../src/engine/trees/rows/shares';
import { RowWork } from '../../../src/engine/trees/rows/row-work';
import { emptyRows } from '../../../src/engine/trees/bins';
import { leafOf } from '../../../src/engine/trees/tree';
import { columnRules, fitTrees, learntOf, LEAVES_MAX, mixedTable, RULES } from './boosting.fixture';
import { ENDED, startedWorkers } from './workers.fixture';

const ROWS = 250_000;
const LEAVES = 31;

const { columns, y } = mixedTable(ROWS);
const { binned, bins } = fitTrees(columns, y, { rules: { rounds: 0 } });
const rows = binned(columns, ROWS);

const workOf = (threads: number): Promise<RowWork> =>
  RowWork.start(rowMemory(rows, learntOf(y)), { threads, leaves: LEAVES });

/** One tree: all that is done to rows. */
async function everything(threads: number, rowShare = 1) {
  const work = await workOf(threads);
  try {
    const { gradients, hessians, packed, scores } = work.memory;
    const rules = columnRules(bins);
    work.prepare(rules, RULES);
    for (let row = 0; row < ROWS; row++) scores[row] = Math.sin(row);
    const all = work.derive(0);
    const [before, counts] = [gradients.slice(), work.gradientCounts(all.gradientMost)];
    const drawn = { share: rowShare, factor: 2, largeFrom: 3000, most: all.gradientMost };
    if (rowShare === 1) work.takeAll();
    const sample = rowShare === 1 ? { rows: ROWS, magnitudes: all } : work.draw(drawn, 3);
    const chosen = rules.map((_, column) => column);
    const { tree, leaves } = growTree(work, {
      ...{ ...sample, columns: rules, chosen, seed: 5, proceed: () => undefined },
      rules: { ...RULES, leavesMax: LEAVES },
    });
    const rowsOf = leaves.map((node) => work.rowNumbers(node));
    work.apply(tree.value, leaves, 0);
    const loss = work.judge();
    const outcome = { all, sample, counts, tree, leaves, rowsOf, loss };
    return { ...outcome, before, gradients, hessians, packed, scores, threads: work.threadCount };
  } finally {
    await work.close();
  }
}

describe('rows', () => {
  it.each([
    [2, 1],
    [3, 1],
    [4, 0.3],
  ])('are measured, drawn, summed, parted and scored by %i threads as by one (share %p)', async (threads, share) => {
    const workers = startedWorkers();
    const together = await everything(threads, share);
    expect(together.threads).toBe(threads);
    const alone = await everything(1, share);
    expect(together).toEqual({ ...alone, threads });
    expect(together.tree.splits.filter((split) => split !== null).length).toBe(LEAVES - 1);
    expect(workers.map(({ threadId }) => threadId)).toEqual(Array(threads - 1).fill(ENDED));
  });

  it('lie where the splits of the tree send them, and leaves have the value of their exact sums', async () => {
    const { tree, leaves, rowsOf, before, scores } = await everything(2);
    expect(rowsOf.reduce((sum, those) => sum + those.length, 0)).toBe(ROWS);
    leaves.forEach((node, i) => {
      const those = rowsOf[i];
      expect(those.length).toBe(tree.rows[node]);
      expect(those.every((row) => leafOf(tree, rows.bins, row * rows.stride) === node)).toBe(true);
      const gradient = those.reduce((sum, row) => sum + before[row], 0);
      expect(tree.value[node]).toBeCloseTo(leafValue({ gradient, hessian: those.length }, RULES), 9);
      expect(those.every((row) => scores[row] === Math.sin(row) + tree.value[node])).toBe(true);
    });
  });

  it('that the tree was not fitted to have its answers too', async () => {
    const { tree, scores, sample } = await everything(3, 0.3);
    expect(sample.rows).toBeLessThan(ROWS);
    for (let row = 0; row < ROWS; row++)
      if (scores[row] !== Math.sin(row) + tree.value[leafOf(tree, rows.bins, row * rows.stride)])
        throw new Error(`Row ${row} has another score.`);
  });

  it('have sums that are those of a plain loop', async () => {
    const { packed, tree, rowsOf, leaves } = await everything(2);
    expect(tree.hessian[0]).toBe(ROWS);
    leaves.forEach((node, i) => expect(tree.hessian[node]).toBe(rowsOf[i].length));
    expect(packed.every((value) => Number.isSafeInteger(value))).toBe(true);
  });

  it.each([1, 11])('are summed alike where they lie side by side and far apart, one of %i', (apart) => {
    const columnCount = 38;
    const table = emptyRows(300_000, columnCount);
    for (let i = 0; i < table.bins.length; i++) table.bins[i] = (i * 2654435761) >>> 13;
    const order = Uint32Array.from({ length: Math.floor(300_000 / apart) }, (_, i) => i * apart);
    const values = Float64Array.from({ length: 300_000 }, (_, row) => row % 1000);
    const range = { from: 4, to: 37 };
    const sums = new Float64Array(columnCount * SLOTS);
    addRows(sums, table, { order, values, from: 3, to: order.length }, range);
    const expected = new Float64Array(columnCount * SLOTS);
    for (const row of order.subarray(3))
      for (let c = range.from; c < range.to; c++)
        expected[c * SLOTS + table.bins[row * table.stride + c]] += values[row];
    expect(sums).toEqual(expected);
  });

  it('have magnitudes that are those of a plain loop', async () => {
    const { all, before } = await everything(2);
    const sizes = before.map(Math.abs);
    expect(all).toEqual({
      gradientSum: expect.closeTo(
        sizes.reduce((a, b) => a + b, 0),
        4,
      ),
      gradientMost: sizes.reduce((a, b) => Math.max(a, b)),
      ...{ hessianSum: ROWS, hessianMost: 1, hessianLeast: 1 },
    });
  });

  it('have counts of their gradients by size', async () => {
    const { all, before, counts } = await everything(3);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(ROWS);
    const above = before.filter((gradient) => Math.abs(gradient) >= (all.gradientMost * 3000) / counts.length).length;
    expect(counts.subarray(3000).reduce((a, b) => a + b, 0)).toBe(above);
  });

  it.each([1, 1023, 1024, 70_001])('belong to one thread each (%i rows)', (count) => {
    const shares = sharesOf(count, 3);
    const owned = shares.flatMap(({ blocks }) => blocks).toSorted((a, b) => a.number - b.number);
    const size = blockRowsOf(count);
    expect(owned.map(({ number }) => number)).toEqual(owned.map((_, i) => i));
    owned.forEach(({ number, from, to }) => {
      expect(from).toBe(number * size);
      expect(to).toBe(Math.min(count, from + size));
    });
    expect(owned.at(-1)!.to).toBe(count);
    shares.forEach(({ blocks, first, last }, i) => {
      expect(first).toBe(i === 0 ? 0 : shares[i - 1].last);
      expect(last - first).toBe(blocks.reduce((sum, { from, to }) => sum + to - from, 0));
    });
  });

  it('get no threads where they are few', async () => {
    const few = fitTrees(columns, y, { rules: { rounds: 0 } }).binned(columns, 1000);
    const memory = rowMemory(few, learntOf(y.subarray(0, 1000)));
    const work = await RowWork.start(memory, { threads: 4, leaves: LEAVES });
    expect(work.threadCount).toBe(1);
    await work.close();
  });

  it('are asked for what to do between two parts of a sum', async () => {
    const work = await workOf(2);
    const stopped = new Error('stop');
    work.prepare(columnRules(bins), RULES);
    work.takeAll();
    const sum = () =>
      work.sum(0, () => {
        throw stopped;
      });
    expect(sum).toThrow(stopped);
    await work.close();
  });
});

describe('trees', () => {
  it.each([
    [2, { rowShare: 1 }],
    [4, { rowShare: 1 }],
    [3, { rowShare: 0.3, topShare: 0.1 }],
  ])('of %i threads are those of one, %p', async (threads, shares) => {
    const rules = { rounds: 3, leavesMax: 15, ...shares };
    const work = await RowWork.start(rowMemory(rows, learntOf(y)), { threads, leaves: LEAVES_MAX });
    try {
      const { boosted } = fitTrees(columns, y, { rules, work: () => work });
      expect(boosted).toEqual(fitTrees(columns, y, { rules }).boosted);
    } finally {
      await work.close();
    }
  });

  it('are the same where there is no room for histograms of all leaves', async () => {
    const grown = async (isShort: boolean) => {
      const work = await workOf(1);
      work.prepare(columnRules(bins), RULES);
      work.memory.scores.fill(0);
      const magnitudes = work.derive(0);
      work.takeAll();
      if (isShort) while (work.slots.freeCount > 4) work.slots.take();
      const request = { rows: ROWS, magnitudes, columns: columnRules(bins), chosen: [0, 1, 2], seed: 1 };
      const { tree } = growTree(work, {
        ...{ ...request, rules: { ...RULES, leavesMax: LEAVES }, proceed: () => undefined },
      });
      return tree;
    };
    expect(await grown(true)).toEqual(await grown(false));
  });

  it('that are stopped within one go on to the same end', () => {
    const few = mixedTable(3000);
    const kept: Parameters<NonNullable<NonNullable<Parameters<typeof fitTrees>[2]>['done']>>[0][] = [];
    let asked = 0;
    const interrupted = () =>
      fitTrees(few.columns, few.y, {
        done: (round) => kept.push(round),
        proceed: () => {
          if (kept.length === 7 && ++asked === 12) throw new Error('stop');
        },
      });
    expect(interrupted).toThrow('stop');
    const { boosted } = fitTrees(few.columns, few.y, { resume: kept });
    expect(boosted).toEqual(fitTrees(few.columns, few.y).boosted);
  });
});
