/** The best split of a node, from its histogram. */
import { binCount, MISSING, type ColumnBins } from '../bins';
import { boundedGain, gainOf, leafValue, shrunk } from './gain';
import { SLOTS } from './histogram';
import type { Packing } from './packing';
import type { Rule } from '../tree';

export interface SplitRules {
  /** Training rows on either side, at least; counted by their share of the Hessians. */
  rowsPerLeaf: number;
  /** Sum of Hessians on either side, at least. */
  hessianMin: number;
  l1: number;
  l2: number;
  /** A split lowers the loss by more. */
  gainMin: number;
}

/** Sets of more levels have a penalty of their own: there are many of them, and one fits by chance. */
const LEVELS_FEW = 4;
const LEVELS_L2 = 10;
/** Of the set. */
const LEVELS_MAX = 32;
/** A level with fewer rows in the node goes with those it does not name. */
const LEVEL_ROWS_MIN = 10;
/** Keeps levels with few rows from the ends of the order. */
const LEVEL_SMOOTHING = 10;

/** Sums in their units. */
export interface Sums {
  gradient: number;
  hessian: number;
}

/** Of one side of a split. */
export interface SideSums extends Sums {
  /** Packed. */
  total: number;
}

/** A node before it is split. */
export interface NodeSums extends SideSums {
  rows: number;
  /** Values that leaves below may take (monotone constraints). */
  lower: number;
  upper: number;
}

export interface Split extends Rule {
  left: SideSums;
  right: SideSums;
}

/** 1: the answer may not fall where the column rises; −1: may not rise; 0: free. */
export type Direction = -1 | 0 | 1;

export interface ColumnRule {
  bins: ColumnBins;
  direction: Direction;
}

/** A split of the bins up to `at`; −1: none. */
interface Found {
  at: number;
  packed: number;
  gain: number;
}

/** The best split of a column, told by the place of its last bin or by its set of levels. */
interface Candidate extends Found {
  column: number;
  missingLeft: boolean;
  /** Null of a number. */
  levels: number[] | null;
}

export class SplitFinder {
  constructor(
    private readonly packing: Packing,
    private readonly rules: SplitRules,
    private readonly columns: ColumnRule[],
  ) {}

  /** Null where no split of these columns lowers the loss enough. The first of equals wins. */
  best(sums: Float64Array, node: NodeSums, columns: Iterable<number>): Split | null {
    let best: Candidate | null = null;
    for (const column of columns) {
      const slots = sums.subarray(column * SLOTS, (column + 1) * SLOTS);
      const most: number = best?.gain ?? 0;
      best =
        this.columns[column].bins.kind === 'number'
          ? (this.ofNumber(slots, node, { column, most }) ?? best)
          : (this.ofLevels(slots, node, { column, most }) ?? best);
    }
    if (best === null) return null;
    const slots = sums.subarray(best.column * SLOTS, (best.column + 1) * SLOTS);
    return best.levels ? this.setSplit(best, slots, node) : this.numberSplit(best, slots, node);
  }

  unpacked(packed: number): Sums {
    const { shift, gradientUnit, hessianUnit } = this.packing;
    const gradient = Math.floor(packed / shift);
    return { gradient: gradient * gradientUnit, hessian: (packed - gradient * shift) * hessianUnit };
  }

  /** Missing values go with the others of the heavier side where the node has none. */
  private numberSplit(
    { gain, column, at, packed, missingLeft }: Candidate,
    slots: Float64Array,
    node: NodeSums,
  ): Split {
    const sides = this.sides(packed, node);
    const isLeft = slots[MISSING] === 0 ? sides.left.hessian > sides.right.hessian : missingLeft;
    return { gain, column, bin: at, members: null, missingLeft: isLeft, ...sides };
  }

  /** Null where no split gains more than `most`. Missing values go either way. */
  private ofNumber(
    slots: Float64Array,
    node: NodeSums,
    { column, most }: { column: number; most: number },
  ): Candidate | null {
    const missing = slots[MISSING];
    let best: Candidate | null = null;
    for (const missingLeft of missing === 0 ? [false] : [false, true]) {
      const found = this.scan(slots, node, { column, start: missingLeft ? missing : 0, missingLeft });
      if (found.at >= 0 && found.gain > (best?.gain ?? most)) best = { ...found, column, missingLeft, levels: null };
    }
    return best;
  }

  /** Bins up to each one against all others; `start` are the missing values where they go left. */
  private scan(
    slots: Float64Array,
    node: NodeSums,
    { column, start, missingLeft }: { column: number; start: number; missingLeft: boolean },
  ): Found {
    const { bins, direction } = this.columns[column];
    const last = binCount(bins) - 2 + (missingLeft || slots[MISSING] === 0 ? 0 : 1);
    const isBounded = direction !== 0 || node.lower > -Infinity || node.upper < Infinity;
    return isBounded
      ? this.boundedScan(slots, node, { start, last, direction })
      : this.freeScan(slots, node, { start, last });
  }

  /** Sum of Hessians on either side, at least. */
  private leastHessian({ hessian, rows }: NodeSums): number {
    return Math.max(this.rules.hessianMin, (this.rules.rowsPerLeaf * hessian) / rows);
  }

  private parentGain({ gradient, hessian }: NodeSums): number {
    return gainOf(gradient, hessian, this.rules.l1, this.rules.l2) + this.rules.gainMin;
  }

  /** The loop that split search spends its time in. */
  private freeScan(slots: Float64Array, node: NodeSums, { start, last }: { start: number; last: number }): Found {
    const { shift, gradientUnit, hessianUnit } = this.packing;
    const { l1, l2 } = this.rules;
    const { gradient, hessian } = node;
    const least = this.leastHessian(node);
    const parent = this.parentGain(node);
    const inverse = 1 / shift;
    let most = parent;
    let at = -1;
    let found = 0;
    let packed = start;
    for (let bin = 1; bin <= last; bin++) {
      const slot = slots[bin];
      if (slot === 0) continue;
      packed += slot;
      const whole = Math.floor(packed * inverse);
      const h = (packed - whole * shift) * hessianUnit;
      if (h < least) continue;
      const rest = hessian - h;
      if (rest < least) break;
      let left = whole * gradientUnit;
      let right = gradient - left;
      if (l1 > 0) {
        left = shrunk(left, l1);
        right = shrunk(right, l1);
      }
      // Compared as fractions: a division takes as long as all the rest.
      const a = h + l2;
      const b = rest + l2;
      const fraction = left * left * b + right * right * a;
      if (fraction > most * a * b) {
        most = fraction / (a * b);
        at = bin;
        found = packed;
      }
    }
    return { at, packed: found, gain: most - parent };
  }

  private boundedScan(
    slots: Float64Array,
    node: NodeSums,
    { start, last, direction }: { start: number; last: number; direction: Direction },
  ): Found {
    const least = this.leastHessian(node);
    const parent = this.parentGain(node);
    let best: Found = { at: -1, packed: 0, gain: 0 };
    let packed = start;
    for (let bin = 1; bin <= last; bin++) {
      if (slots[bin] === 0) continue;
      packed += slots[bin];
      const left = this.unpacked(packed);
      if (left.hessian < least) continue;
      const right = { gradient: node.gradient - left.gradient, hessian: node.hessian - left.hessian };
      if (right.hessian < least) break;
      const gain = this.boundedGain(left, right, { node, direction }) - parent;
      if (gain > best.gain) best = { at: bin, packed, gain };
    }
    return best;
  }

  private sides(packed: number, node: NodeSums): Pick<Split, 'left' | 'right'> {
    const rest = node.total - packed;
    return { left: { ...this.unpacked(packed), total: packed }, right: { ...this.unpacked(rest), total: rest } };
  }

  /** −Infinity where the values of the two sides break the direction. */
  private boundedGain(
    left: Sums,
    right: Sums,
    { node: { lower, upper }, direction }: { node: NodeSums; direction: Direction },
  ): number {
    const [a, b] = [left, right].map((side) => Math.min(upper, Math.max(lower, leafValue(side, this.rules))));
    if (direction * (b - a) < 0) return -Infinity;
    return boundedGain(left, this.rules, a) + boundedGain(right, this.rules, b);
  }

  /**
   * Levels in the order of their mean gradient, where the best of all sets is a beginning or an end (Fisher: On Grouping for
   * Maximum Homogeneity, 1958). The set is that of the lighter side, so that levels that training never saw go with most rows.
   */
  private ofLevels(
    slots: Float64Array,
    node: NodeSums,
    { column, most }: { column: number; most: number },
  ): Candidate | null {
    const { l1, l2 } = this.rules;
    const perRow = node.hessian / node.rows;
    const levels = this.levelsOf(slots, binCount(this.columns[column].bins), perRow * LEVEL_ROWS_MIN);
    const parent = this.parentGain(node);
    const least = this.leastHessian(node);
    const penalty = l2 + (levels.length > LEVELS_FEW ? LEVELS_L2 : 0);
    let [best, size, reversed, bestPacked] = [parent + most, 0, false, 0];
    for (const backwards of [false, true]) {
      let packed = 0;
      for (let taken = 1; taken <= Math.min(levels.length - 1, LEVELS_MAX); taken++) {
        packed += slots[levels[backwards ? levels.length - taken : taken - 1].bin];
        const { gradient, hessian } = this.unpacked(packed);
        if (hessian < least) continue;
        if (node.hessian - hessian < least) break;
        const gain =
          gainOf(gradient, hessian, l1, penalty) +
          gainOf(node.gradient - gradient, node.hessian - hessian, l1, penalty);
        if (gain > best) [best, size, reversed, bestPacked] = [gain, taken, backwards, packed];
      }
    }
    if (size === 0) return null;
    const chosen = (reversed ? levels.slice(-size) : levels.slice(0, size)).map(({ bin }) => bin);
    return { at: 0, gain: best - parent, column, levels: chosen, packed: bestPacked, missingLeft: false };
  }

  private levelsOf(slots: Float64Array, count: number, hessianMin: number): { bin: number; mean: number }[] {
    const perRowSmoothing = (hessianMin / LEVEL_ROWS_MIN) * LEVEL_SMOOTHING;
    const levels: { bin: number; mean: number }[] = [];
    for (let bin = 0; bin < count; bin++) {
      const { gradient, hessian } = this.unpacked(slots[bin]);
      if (hessian > 0 && hessian >= hessianMin) levels.push({ bin, mean: gradient / (hessian + perRowSmoothing) });
    }
    return levels.sort((a, b) => a.mean - b.mean || a.bin - b.bin);
  }

  private setSplit({ gain, column, levels, packed }: Candidate, slots: Float64Array, node: NodeSums): Split {
    const members = new Uint8Array(SLOTS);
    const { left, right } = this.sides(packed, node);
    for (const bin of levels!) members[bin] = 1;
    const found = { gain, column, bin: 0, missingLeft: false };
    if (left.hessian <= right.hessian) return { ...found, members, left, right };
    const others = members.map((member, bin) => (slots[bin] !== 0 && member === 0 ? 1 : 0));
    return { ...found, members: others, left: right, right: left };
  }
}
