/** The best split of a node, from its histogram. */
import { MISSING } from '../bins';
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
export const LEVELS_MAX = 32;
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
  isText: boolean;
  /** How many bins it has, that of missing values included. */
  bins: number;
  direction: Direction;
}

/** The best split of a node that was found, told by its last bin or by its set of levels. */
export interface Candidate {
  gain: number;
  column: number;
  /** Bins up to it go left. */
  bin: number;
  /** Sum of what goes left. */
  packed: number;
  missingLeft: boolean;
  /** Null of a number. */
  levels: number[] | null;
}

/** Units of packed sums. */
export type Units = Omit<Packing, 'counts'>;

export function unpacked(packed: number, { shift, gradientUnit, hessianUnit }: Units): Sums {
  const gradient = Math.floor(packed / shift);
  return { gradient: gradient * gradientUnit, hessian: (packed - gradient * shift) * hessianUnit };
}

/** Looks for the best split of a node, column by column. The histogram holds all columns, 256 sums each. */
export class NodeSearch {
  best: Candidate | null = null;
  private bestGain = 0;
  /** Sum of Hessians on either side, at least. */
  private readonly least: number;
  private readonly parent: number;
  private readonly isBounded: boolean;
  /** Where the last scan found its best split, and what it lowers the loss by; −1: nowhere. */
  private bin = -1;
  private packed = 0;
  private gain = 0;

  constructor(
    private readonly histogram: Float64Array,
    private readonly node: NodeSums,
    private readonly units: Units,
    private readonly rules: SplitRules,
  ) {
    const { gradient, hessian, rows, lower, upper } = node;
    this.least = Math.max(rules.hessianMin, (rules.rowsPerLeaf * hessian) / rows);
    this.parent = gainOf(gradient, hessian, rules.l1, rules.l2) + rules.gainMin;
    this.isBounded = lower > -Infinity || upper < Infinity;
  }

  /** Keeps the best split of a column of numbers, where it lowers the loss by more than those before. Missing values go either way. */
  number(column: number, bins: number, direction: Direction): void {
    const base = column * SLOTS;
    const missing = this.histogram[base + MISSING];
    this.scan(base, 0, missing === 0 ? bins - 2 : bins - 1, direction);
    this.keep(column, false);
    if (missing === 0) return;
    this.scan(base, missing, bins - 2, direction);
    this.keep(column, true);
  }

  /** @param bins of its column */
  split({ gain, column, bin, packed, missingLeft, levels }: Candidate, bins: number): Split {
    const slots = this.histogram.subarray(column * SLOTS, column * SLOTS + bins);
    const sides = this.sides(packed);
    if (levels) return setSplit({ gain, column, levels }, slots, sides);
    // Missing values go with the others of the heavier side where the node has none.
    const isLeft = slots[MISSING] === 0 ? sides.left.hessian > sides.right.hessian : missingLeft;
    return { gain, column, bin, members: null, missingLeft: isLeft, ...sides };
  }

  private keep(column: number, missingLeft: boolean): void {
    if (this.bin < 0 || !(this.gain > this.bestGain)) return;
    this.bestGain = this.gain;
    const { gain, bin, packed } = this;
    this.best = { gain, column, bin, packed, missingLeft, levels: null };
  }

  /** Bins up to each one against all others; `start` are the missing values where they go left. */
  private scan(base: number, start: number, last: number, direction: Direction): void {
    if (this.isBounded || direction !== 0) this.boundedScan(base, start, last, direction);
    else this.freeScan(base, start, last);
  }

  /** The loop that split search spends its time in. */
  private freeScan(base: number, start: number, last: number): void {
    const { histogram, least, parent } = this;
    const { shift, gradientUnit, hessianUnit } = this.units;
    const { l1, l2 } = this.rules;
    const { gradient, hessian } = this.node;
    const inverse = 1 / shift;
    // Gains are compared as fractions: a division takes as long as all the rest.
    let bestNumerator = parent;
    let bestDenominator = 1;
    let best = -1;
    let found = 0;
    let packed = start;
    for (let bin = 1; bin <= last; bin++) {
      const slot = histogram[base + bin];
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
      const a = h + l2;
      const b = rest + l2;
      const numerator = left * left * b + right * right * a;
      const denominator = a * b;
      if (numerator * bestDenominator > bestNumerator * denominator) {
        bestNumerator = numerator;
        bestDenominator = denominator;
        best = bin;
        found = packed;
      }
    }
    this.bin = best;
    this.packed = found;
    this.gain = bestNumerator / bestDenominator - parent;
  }

  private boundedScan(base: number, start: number, last: number, direction: Direction): void {
    const { histogram, least, parent, node } = this;
    this.bin = -1;
    this.gain = 0;
    let packed = start;
    for (let bin = 1; bin <= last; bin++) {
      if (histogram[base + bin] === 0) continue;
      packed += histogram[base + bin];
      const left = unpacked(packed, this.units);
      if (left.hessian < least) continue;
      const right = { gradient: node.gradient - left.gradient, hessian: node.hessian - left.hessian };
      if (right.hessian < least) break;
      const gain = this.boundedGain(left, right, direction) - parent;
      if (gain <= this.gain) continue;
      this.gain = gain;
      this.bin = bin;
      this.packed = packed;
    }
  }

  private sides(packed: number): Pick<Split, 'left' | 'right'> {
    const rest = this.node.total - packed;
    return {
      left: { ...unpacked(packed, this.units), total: packed },
      right: { ...unpacked(rest, this.units), total: rest },
    };
  }

  /** −Infinity where the values of the two sides break the direction. */
  private boundedGain(left: Sums, right: Sums, direction: Direction): number {
    const { lower, upper } = this.node;
    const a = Math.min(upper, Math.max(lower, leafValue(left, this.rules)));
    const b = Math.min(upper, Math.max(lower, leafValue(right, this.rules)));
    if (direction * (b - a) < 0) return -Infinity;
    return boundedGain(left, this.rules, a) + boundedGain(right, this.rules, b);
  }

  /**
   * The same of a column of texts: levels in the order of their mean gradient, where the best of all sets is a beginning or an
   * end (Fisher: On Grouping for Maximum Homogeneity, 1958). The set is that of the lighter side, so that levels that training
   * never saw go with most rows.
   */
  text(column: number, bins: number): void {
    const { node, parent, least } = this;
    const { l1, l2 } = this.rules;
    const slots = this.histogram.subarray(column * SLOTS, column * SLOTS + bins);
    const levels = this.levelsOf(slots, (node.hessian / node.rows) * LEVEL_ROWS_MIN);
    const penalty = l2 + (levels.length > LEVELS_FEW ? LEVELS_L2 : 0);
    let [best, size, reversed, bestPacked] = [parent + this.bestGain, 0, false, 0];
    for (const backwards of [false, true]) {
      let packed = 0;
      for (let taken = 1; taken <= Math.min(levels.length - 1, LEVELS_MAX); taken++) {
        packed += slots[levels[backwards ? levels.length - taken : taken - 1].bin];
        const { gradient, hessian } = unpacked(packed, this.units);
        if (hessian < least) continue;
        if (node.hessian - hessian < least) break;
        const gain =
          gainOf(gradient, hessian, l1, penalty) +
          gainOf(node.gradient - gradient, node.hessian - hessian, l1, penalty);
        if (gain > best) [best, size, reversed, bestPacked] = [gain, taken, backwards, packed];
      }
    }
    if (size === 0) return;
    const chosen = (reversed ? levels.slice(-size) : levels.slice(0, size)).map(({ bin }) => bin);
    this.bestGain = best - parent;
    this.best = { bin: 0, gain: this.bestGain, column, levels: chosen, packed: bestPacked, missingLeft: false };
  }

  private levelsOf(slots: Float64Array, hessianMin: number): { bin: number; mean: number }[] {
    const perRowSmoothing = (hessianMin / LEVEL_ROWS_MIN) * LEVEL_SMOOTHING;
    const levels: { bin: number; mean: number }[] = [];
    for (let bin = 0; bin < slots.length; bin++) {
      const { gradient, hessian } = unpacked(slots[bin], this.units);
      if (hessian > 0 && hessian >= hessianMin) levels.push({ bin, mean: gradient / (hessian + perRowSmoothing) });
    }
    return levels.sort((a, b) => a.mean - b.mean || a.bin - b.bin);
  }
}

function setSplit(
  { gain, column, levels }: { gain: number; column: number; levels: number[] },
  slots: Float64Array,
  { left, right }: Pick<Split, 'left' | 'right'>,
): Split {
  const members = new Uint8Array(SLOTS);
  for (const bin of levels) members[bin] = 1;
  const found = { gain, column, bin: 0, missingLeft: false };
  if (left.hessian <= right.hessian) return { ...found, members, left, right };
  const others = members.map((member, bin) => (bin < slots.length && slots[bin] !== 0 && member === 0 ? 1 : 0));
  return { ...found, members: others, left: right, right: left };
}
