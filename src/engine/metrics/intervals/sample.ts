/** The rows that are scored as a sample of all that could be: what is drawn anew, and how often each is in a draw. */
import { Random } from '../../random';

const DRAWS = 1000;
/** With more units, means are near enough to normal, and the draws only say how far scores spread. */
const SKEWED_MAX = 5000;
const DRAWS_OF_MANY = 200;
/** Fewer draws than this tell nothing of a spread. */
export const DRAWS_MIN = 40;
/** Row visits in all, about a second of work. */
const WORK_MAX = 1e8;

/** Units are rows, or groups of rows that depend on each other. */
export class Sample {
  private drawn: Uint16Array[] | null = null;

  /** @param unitOf number of each row's unit, from 0 without a gap; null: each row is one */
  constructor(
    readonly rowCount: number,
    private readonly seed: number,
    readonly unitOf: Uint32Array | null = null,
  ) {
    this.count = unitOf ? unitOf.reduce((most, unit) => Math.max(most, unit), -1) + 1 : rowCount;
  }

  readonly count: number;

  /** Whether bounds follow the skewness that draws show; otherwise the normal distribution is as good. */
  get isSkewed(): boolean {
    return this.count <= SKEWED_MAX;
  }

  /** How often each unit is in a draw with replacement; as many draws as `work` row visits a draw allow. */
  draws(work: number): Uint16Array[] {
    const affordable = Math.floor(WORK_MAX / Math.max(1, work));
    if (affordable < DRAWS_MIN || this.count < 2) return [];
    this.drawn ??= this.draw(this.isSkewed ? DRAWS : DRAWS_OF_MANY);
    return this.drawn.slice(0, affordable);
  }

  private draw(count: number): Uint16Array[] {
    const random = new Random(this.seed, 0xb007);
    return Array.from({ length: count }, () => {
      const counts = new Uint16Array(this.count);
      for (let i = 0; i < this.count; i++) counts[random.below(this.count)]++;
      return counts;
    });
  }

  /** A sample of what these rows, which ascend, have; a row that has several things is a unit of its own. */
  of(rows: Uint32Array): Sample {
    const repeats = rows.some((row, i) => i > 0 && row === rows[i - 1]);
    if (!repeats && rows.length === this.rowCount) return this;
    const { unitOf } = this;
    const units = unitOf ? rows.map((row) => unitOf[row]) : rows;
    return new Sample(rows.length, this.seed, unitOf || repeats ? unitsOf(units) : null);
  }

  /** What rows weigh where units do. */
  rowWeights(counts: ArrayLike<number>): ArrayLike<number> {
    const { unitOf } = this;
    return unitOf ? Float64Array.from(unitOf, (unit) => counts[unit]) : counts;
  }

  /** Sums over the rows of each unit. */
  sums(values: ArrayLike<number>): Float64Array {
    const sums = new Float64Array(this.count);
    for (let row = 0; row < this.rowCount; row++) sums[this.unitOf ? this.unitOf[row] : row] += values[row];
    return sums;
  }
}

/** Numbers from 0 without a gap, in the order of their first rows. */
export function unitsOf(keys: ArrayLike<number>): Uint32Array {
  const numbers = new Map<number, number>();
  return Uint32Array.from(keys, (key) => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
