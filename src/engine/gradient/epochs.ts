/** The steps of each epoch over blocks of rows, as a function of seed and epoch alone. */
import type { Blocks, Matrix } from '../learning/fit';
import { blockSeed, epochOrder, groupOrder, mixedBlocks, planBatches, type BatchPlan } from './batches';
import { ReadAhead } from '../learning/blocks';

/** Steps in a row over one block. */
interface Stretch {
  group: number;
  block: number;
  /** Steps of the epoch [from, to). */
  from: number;
  to: number;
  /** Mini-batches of the block that came before in this epoch. */
  before: number;
}

export interface Piece {
  rows: Matrix;
  count: number;
  /** [count, batch]. */
  order: Int32Array;
}

interface Epoch {
  number: number;
  visits: Int32Array;
  stretches: Stretch[];
  /** Rows of all steps of a block, by group and block. */
  orders: Map<string, Int32Array>;
}

export class Epochs {
  readonly stepsPerEpoch: number;
  /** Rows of the largest mini-batch. */
  readonly batch: number;
  private readonly plans: BatchPlan[][];
  private readonly reading: ReadAhead;
  private epoch: Epoch | null = null;

  /** @param wanted rows of a mini-batch, about */
  constructor(
    private readonly blocks: Blocks,
    wanted: number,
    private readonly seed: number,
  ) {
    this.plans = plansOf(blocks, wanted);
    this.stepsPerEpoch = this.plans.flat().reduce((sum, { stepsPerEpoch }) => sum + stepsPerEpoch, 0);
    this.batch = this.plans.flat().reduce((most, { batch }) => Math.max(most, batch), 1);
    this.reading = new ReadAhead(blocks);
  }

  /** From step `step` of the run on: at most `count` steps, of one epoch and one block. */
  async take(step: number, count: number): Promise<Piece> {
    const epoch = this.epochAt(Math.floor(step / this.stepsPerEpoch));
    const at = step % this.stepsPerEpoch;
    const stretch = epoch.stretches.find(({ to }) => at < to)!;
    const rows = await this.load(epoch, stretch.group);
    const { batch } = this.plans[stretch.group][stretch.block];
    const taken = Math.min(count, stretch.to - at);
    const start = (stretch.before + at - stretch.from) * batch;
    const order = this.orderOf(epoch, stretch).subarray(start, start + taken * batch);
    return { rows: rows[stretch.block], count: taken, order };
  }

  private load({ number, visits }: Epoch, group: number): Promise<Matrix[]> {
    const later = visits[visits.indexOf(group) + 1] ?? groupOrder(visits.length, this.seed, number + 1)[0];
    return this.reading.load(group, later);
  }

  private epochAt(number: number): Epoch {
    if (this.epoch?.number === number) return this.epoch;
    const visits = groupOrder(this.plans.length, this.seed, number);
    const stretches: Stretch[] = [];
    for (const group of visits) this.addStretches(stretches, group, number);
    return (this.epoch = { number, visits, stretches, orders: new Map() });
  }

  private addStretches(stretches: Stretch[], group: number, epoch: number): void {
    const steps = this.plans[group].map(({ stepsPerEpoch }) => stepsPerEpoch);
    const before = steps.map(() => 0);
    let at = stretches.at(-1)?.to ?? 0;
    for (const block of mixedBlocks(steps, blockSeed(this.seed, group), epoch)) {
      const last = stretches.at(-1);
      if (last?.group === group && last.block === block) last.to++;
      else stretches.push({ group, block, from: at, to: at + 1, before: before[block] });
      before[block]++;
      at++;
    }
  }

  private orderOf({ number, orders }: Epoch, { group, block }: Stretch): Int32Array {
    const key = `${group}/${block}`;
    const known = orders.get(key);
    if (known) return known;
    const index = this.plans.slice(0, group).reduce((sum, { length }) => sum + length, 0) + block;
    const { rows } = this.blocks.groups[group][block];
    const order = epochOrder(rows, this.plans[group][block], blockSeed(this.seed, index), number);
    // One group is trained on at a time.
    for (const other of orders.keys()) if (!other.startsWith(`${group}/`)) orders.delete(other);
    orders.set(key, order);
    return order;
  }
}

/** Block i of all groups has batches of one size, so that one graph does for all. */
function plansOf({ groups }: Blocks, wanted: number): BatchPlan[][] {
  const most = groups.reduce<number[]>(
    (rows, group) => group.map((block, i) => Math.max(block.rows, rows[i] ?? 0)),
    [],
  );
  const batches = most.map((rows) => planBatches(Math.max(1, rows), wanted).batch);
  return groups.map((group) =>
    group.map(({ rows }, i) => ({ batch: batches[i], stepsPerEpoch: Math.ceil(rows / batches[i]) })),
  );
}
