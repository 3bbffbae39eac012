/** What trees by impurity are fitted to: sums of targets and of weights, of several outputs at once. */
import type { Targets } from '../boosting/losses';

/** Numbers, each with its weight; or the place of one of several classes, where an output is a class. */
export interface ForestTargets extends Targets {
  outputs: number;
}

/** How sums of rows lie side by side: of each output, the weights, then how many rows there are. */
export class SumLayout {
  /** Outputs that share a weight have it once. */
  readonly weights: number;
  readonly size: number;
  private readonly classes: boolean;

  constructor(private readonly targets: ForestTargets) {
    this.classes = targets.outputs > targets.count;
    this.weights = targets.count;
    this.size = targets.outputs + this.weights + 1;
  }

  get outputs(): number {
    return this.targets.outputs;
  }

  /** Where the weight of an output lies. */
  weightOf(output: number): number {
    return this.outputs + (this.classes ? 0 : output);
  }

  /** Adds a row that counts `times` to the sums at `at`. */
  add(sums: Float64Array, at: number, row: number, times: number): void {
    const { outputs } = this;
    const { count, y, weight } = this.targets;
    for (let target = 0; target < count; target++) {
      const i = row * count + target;
      const rowWeight = weight === null ? times : times * weight[i];
      // A value that does not count may be NaN.
      if (rowWeight !== 0) sums[at + (this.classes ? y[i] : target)] += this.classes ? rowWeight : rowWeight * y[i];
      sums[at + outputs + target] += rowWeight;
    }
    sums[at + this.size - 1] += times;
  }

  /** What a leaf of these rows says of an output: the mean, of `extra` more rows that say `prior` as well. */
  mean(sums: Float64Array, output: number, { prior, extra }: { prior: number; extra: number }): number {
    const weight = sums[this.weightOf(output)] + extra;
    return weight === 0 ? prior : (sums[output] + extra * prior) / weight;
  }

  /** What the rows of two sides explain of the targets: the larger, the less differ the rows of a side. */
  explained(left: Float64Array, all: Float64Array): number {
    let sum = 0;
    for (let k = 0; k < this.outputs; k++) {
      const at = this.weightOf(k);
      const [weight, rest] = [left[at], all[at] - left[at]];
      if (weight > 0) sum += (left[k] * left[k]) / weight;
      if (rest > 0) sum += ((all[k] - left[k]) * (all[k] - left[k])) / rest;
    }
    return sum;
  }
}
