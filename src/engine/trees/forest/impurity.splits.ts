/** The split of a node that explains most of its targets, among columns that are drawn for it. */
import { MISSING, type NumberBins } from '../bins';
import { SLOTS } from '../growing/histogram';
import type { Rule } from '../tree';
import type { ImpurityRequest } from './grow';
import type { SumLayout } from './targets';

interface NodeRows {
  from: number;
  to: number;
  sums: Float64Array;
}

/** Of what all rows explain as one: a smaller gain is rounding. */
const GAIN_MIN = 1e-10;
/** Bins that a node has rows in, fewer of which are sorted one by one. */
const FEW_BINS = 24;

export class ImpuritySplits {
  private readonly bySlot: Float64Array;
  private readonly touched = new Uint8Array(SLOTS);
  private readonly left: Float64Array;
  private readonly drawn: Uint32Array;
  private best_: Rule | null = null;
  private most = 0;

  constructor(
    private readonly request: ImpurityRequest,
    private readonly layout: SumLayout,
  ) {
    this.bySlot = new Float64Array(SLOTS * layout.size);
    this.left = new Float64Array(layout.size);
    this.drawn = Uint32Array.from(request.columns, (_, column) => column);
  }

  /** Null where no split of the columns that were drawn explains more. The first of equals wins. */
  best(node: NodeRows): Rule | null {
    const { columns, rules, random } = this.request;
    this.left.fill(0);
    this.most = this.layout.explained(this.left, node.sums) * (1 + GAIN_MIN) + Number.MIN_VALUE;
    this.best_ = null;
    const whole = this.most;
    let [useful, left] = [0, columns.length];
    while (left > 0 && useful < rules.columnsPerSplit) {
      // Drawn also where all of them may split: of columns that split alike, each tree takes another.
      const column = random === null ? columns.length - left : this.draw(random.below(left), left);
      left--;
      const bins = this.sum(node, column);
      if (bins < 2) {
        this.clear(bins);
        continue;
      }
      useful++;
      if (columns[column].kind === 'number') this.ofNumber(node, { column, bins });
      else this.ofLevels(node, { column, bins });
      this.clear(bins);
    }
    const found = this.best_ as Rule | null;
    return found && { ...found, gain: this.most - whole };
  }

  /** The column at a place of those that were not drawn yet. */
  private draw(at: number, left: number): number {
    const { drawn } = this;
    const column = drawn[at];
    drawn[at] = drawn[left - 1];
    drawn[left - 1] = column;
    return column;
  }

  /** Sums the rows by bin; returns how many bins have any, which `touched` names in order. */
  private sum({ from, to }: NodeRows, column: number): number {
    const { order, times, binned } = this.request;
    const { bins, stride } = binned;
    const { layout, bySlot, touched } = this;
    const { size } = layout;
    let count = 0;
    for (let i = from; i < to; i++) {
      const row = order[i];
      const bin = bins[row * stride + column];
      const at = bin * size;
      if (bySlot[at + size - 1] === 0) touched[count++] = bin;
      layout.add(bySlot, at, row, times === null ? 1 : times[row]);
    }
    if (count <= FEW_BINS) insertionSort(touched, count);
    else for (let bin = 0, k = 0; k < count; bin++) if (bySlot[bin * size + size - 1] > 0) touched[k++] = bin;
    return count;
  }

  private clear(bins: number): void {
    const { size } = this.layout;
    for (let k = 0; k < bins; k++) this.bySlot.fill(0, this.touched[k] * size, (this.touched[k] + 1) * size);
  }

  private ofNumber(node: NodeRows, { column, bins }: { column: number; bins: number }): void {
    const first = this.touched[0] === MISSING ? 1 : 0;
    for (const missingLeft of first === 1 ? [false, true] : [false]) {
      this.left.fill(0);
      if (missingLeft) this.take(MISSING);
      // With missing values on the right, all others may stand on the left.
      const last = bins - (first === 1 && !missingLeft ? 0 : 1);
      for (let k = first; k < last; k++) {
        const bin = this.touched[k];
        this.take(bin);
        if (!this.isBetter(node)) continue;
        // Without missing values they go with most rows.
        const goes = first === 1 ? missingLeft : 2 * this.left[this.layout.size - 1] > node.sums[this.layout.size - 1];
        const middle = k + 1 < bins ? this.middle(column, bin, this.touched[k + 1]) : bin;
        this.best_ = { column, bin: middle, members: null, missingLeft: goes, gain: 0 };
      }
    }
  }

  /**
   * The last bin of the left side where no row lies between two: the bound that is nearest to the middle, as rows that were not
   * drawn lie there. Of two bounds as near the upper one, so that a value in the middle goes left.
   */
  private middle(column: number, low: number, high: number): number {
    const { bounds } = this.request.columns[column] as NumberBins;
    const middle = bounds[low - 1] / 2 + bounds[high - 2] / 2;
    let nearest = low;
    for (let bin = low + 1; bin < high; bin++)
      if (Math.abs(bounds[bin - 1] - middle) <= Math.abs(bounds[nearest - 1] - middle)) nearest = bin;
    return nearest;
  }

  /**
   * Levels in the order of their means, of the output whose means differ most: the best set of all is a beginning for one output
   * (Fisher: On Grouping for Maximum Homogeneity, 1958). The set is that of the side with fewer rows, so that levels which
   * training never saw go with most.
   */
  private ofLevels(node: NodeRows, { column, bins }: { column: number; bins: number }): void {
    const { layout, bySlot } = this;
    const { size } = layout;
    const output = this.mostSpread(bins);
    const mean = (bin: number): number =>
      bySlot[bin * size + output] / bySlot[bin * size + layout.weightOf(output)] || 0;
    const levels = [...this.touched.subarray(0, bins)].sort((a, b) => mean(a) - mean(b) || a - b);
    this.left.fill(0);
    for (let k = 0; k < bins - 1; k++) {
      this.take(levels[k]);
      if (!this.isBetter(node)) continue;
      const isLeft = 2 * this.left[size - 1] <= node.sums[size - 1];
      const members = new Uint8Array(SLOTS);
      for (const bin of isLeft ? levels.slice(0, k + 1) : levels.slice(k + 1)) members[bin] = 1;
      this.best_ = { column, bin: 0, members, missingLeft: false, gain: 0 };
    }
  }

  private mostSpread(bins: number): number {
    const { layout, bySlot, touched } = this;
    const { outputs, size } = layout;
    if (outputs === 1) return 0;
    let [best, most] = [0, -Infinity];
    for (let k = 0; k < outputs; k++) {
      let [explained, sum, weight] = [0, 0, 0];
      for (let b = 0; b < bins; b++) {
        const at = touched[b] * size;
        const weightOfBin = bySlot[at + layout.weightOf(k)];
        if (weightOfBin > 0) explained += bySlot[at + k] ** 2 / weightOfBin;
        sum += bySlot[at + k];
        weight += weightOfBin;
      }
      const spread = weight > 0 ? explained - sum ** 2 / weight : 0;
      if (spread > most) [best, most] = [k, spread];
    }
    return best;
  }

  /** The rows of a bin go left. */
  private take(bin: number): void {
    const { left, bySlot } = this;
    const { size } = this.layout;
    for (let j = 0; j < size; j++) left[j] += bySlot[bin * size + j];
  }

  private isBetter({ sums }: NodeRows): boolean {
    const { size } = this.layout;
    const { rowsPerLeaf } = this.request.rules;
    const count = this.left[size - 1];
    if (count < rowsPerLeaf || sums[size - 1] - count < rowsPerLeaf) return false;
    const explained = this.layout.explained(this.left, sums);
    if (explained <= this.most) return false;
    this.most = explained;
    return true;
  }
}

function insertionSort(values: Uint8Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let j = i - 1;
    for (; j >= 0 && values[j] > value; j--) values[j + 1] = values[j];
    values[j + 1] = value;
  }
}
