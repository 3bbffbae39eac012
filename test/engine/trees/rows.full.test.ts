/** Work on rows by one thread and by several: the same to the last bit, and no thread is left. */
import { SLOTS } from '../../../src/engine/trees/growing/histogram';
import { rowMemory } from '../../../src/engine/trees/rows/row-memory';
import { RowWork } from '../../../src/engine/trees/rows/row-work';
import { fitTrees, learntOf, mixedTable, rowNumbers } from './boosting.fixture';
import { ENDED, startedWorkers } from './workers.fixture';

const ROWS = 250_000;
const PART = { from: 17, to: 200_001 };
const nothing = () => {};

const { columns, y } = mixedTable(ROWS);
const { binned } = fitTrees(columns, y, { rules: { rounds: 0 } });
const rows = binned(columns, ROWS);

function plainSums(of: number[], packed: Float64Array): Float64Array {
  const sums = new Float64Array(rows.columns * SLOTS);
  for (const row of of)
    for (let c = 0; c < rows.columns; c++) sums[c * SLOTS + rows.bins[row * rows.stride + c]] += packed[row];
  return sums;
}

/** In the order of the rows. */
async function workOf(threads: number): Promise<RowWork> {
  const memory = rowMemory(rows, learntOf(y));
  memory.order.set(rowNumbers(ROWS));
  return RowWork.start(memory, threads);
}

async function everything(threads: number) {
  const work = await workOf(threads);
  try {
    work.turn();
    const { order, gradients, hessians, packed, scores } = work.memory;
    for (let row = 0; row < ROWS; row++) scores[row] = Math.sin(row);
    const magnitudes = work.derive(0);
    const packing = { shift: 2 ** 28, gradientUnit: 1 / 256, hessianUnit: 1 / 256, counts: false };
    work.pack(PART, packing, 5);
    const histogram = work.takeHistogram();
    work.sum(histogram, PART, nothing);
    const goesLeft = Uint8Array.from({ length: SLOTS }, (_, bin) => bin % 2);
    const middle = work.partition(PART, 0, goesLeft);
    const total = work.total({ from: PART.from, to: middle });
    work.add({ from: PART.from, to: middle }, 0.1, 0);
    const sums = { magnitudes, histogram, middle, total };
    return { ...sums, order, gradients, hessians, packed, scores, threads: work.threadCount };
  } finally {
    await work.close();
  }
}

describe('rows', () => {
  it.each([2, 3, 4])('are summed, measured, packed and parted by %i threads as by one', async (threads) => {
    const workers = startedWorkers();
    const together = await everything(threads);
    expect(together.threads).toBe(threads);
    expect(together).toEqual({ ...(await everything(1)), threads });
    expect(workers.map(({ threadId }) => threadId)).toEqual(Array(threads - 1).fill(ENDED));
  });

  it('that go left lie before the others, each in their order', async () => {
    const { order, middle } = await everything(2);
    const left = (row: number) => rows.bins[row * rows.stride] % 2 === 1;
    const within = [...order.subarray(PART.from, PART.to)];
    const numbers = [...rowNumbers(ROWS)].slice(PART.from, PART.to);
    expect(within).toEqual([...numbers.filter(left), ...numbers.filter((row) => !left(row))]);
    expect(middle - PART.from).toBe(numbers.filter(left).length);
  });

  it('have sums of whole numbers, which are those of a plain loop', async () => {
    const { histogram, packed } = await everything(2);
    const all = Array.from({ length: PART.to - PART.from }, (_, i) => PART.from + i);
    expect(histogram).toEqual(plainSums(all, packed));
  });

  it('have the same sums where they lie far apart', async () => {
    const work = await workOf(2);
    const { order, packed } = work.memory;
    const apart = rowNumbers(ROWS).filter((row) => row % 11 === 3);
    order.set(apart);
    packed.set(rowNumbers(ROWS).map((row) => row % 1000));
    const histogram = work.takeHistogram();
    work.sum(histogram, { from: 5, to: apart.length }, nothing);
    await work.close();
    expect(histogram).toEqual(plainSums([...apart.subarray(5)], packed));
  });

  it('have magnitudes that are those of a plain loop', async () => {
    const { magnitudes, gradients } = await everything(2);
    const sizes = gradients.map(Math.abs);
    expect(magnitudes.gradients.sum).toBeCloseTo(
      sizes.reduce((a, b) => a + b, 0),
      4,
    );
    expect(magnitudes.gradients.most).toBe(sizes.reduce((a, b) => Math.max(a, b)));
    expect(magnitudes.gradients.least).toBe(sizes.reduce((a, b) => Math.min(a, b)));
    expect(magnitudes.hessians).toEqual({ sum: ROWS, most: 1, least: 1 });
  });

  it('get no threads where they are few', async () => {
    const few = fitTrees(columns, y, { rules: { rounds: 0 } }).binned(columns, 1000);
    const work = await RowWork.start(rowMemory(few, learntOf(y.subarray(0, 1000))), 4);
    expect(work.threadCount).toBe(1);
    await work.close();
  });

  it('are asked for what to do between two parts of a sum', async () => {
    const work = await workOf(2);
    const stopped = new Error('stop');
    const sum = () =>
      work.sum(work.takeHistogram(), PART, () => {
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
    const work = await RowWork.start(rowMemory(rows, learntOf(y)), threads);
    try {
      const { boosted } = fitTrees(columns, y, { rules, work: () => work });
      expect(boosted).toEqual(fitTrees(columns, y, { rules }).boosted);
    } finally {
      await work.close();
    }
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
