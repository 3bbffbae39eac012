import { Random } from '../src/engine/random';

/** Draws from the distributions the case generators need; every draw follows from the seed. */
export class Sampler {
  private readonly random: Random;
  private spare: number | null = null;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + ((high - low) * this.random.uint32()) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One of the keys, with probability in proportion to its weight. */
  pick<K extends string>(weights: Record<K, number>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.uniform() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries[entries.length - 1])[0];
  }

  /** Normal, by the polar method of Marsaglia and Bray (1964), which gives two values at a time. */
  normal(mean = 0, deviation = 1): number {
    if (this.spare !== null) {
      const held = this.spare;
      this.spare = null;
      return mean + deviation * held;
    }
    let u: number, v: number, s: number;
    do {
      u = this.uniform(-1, 1);
      v = this.uniform(-1, 1);
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    this.spare = v * scale;
    return mean + deviation * u * scale;
  }

  /** A Gaussian random walk of `length` steps, shifted and scaled to the given mean and standard deviation. */
  walk(length: number, mean: number, deviation: number): Float64Array {
    const path = new Float64Array(length);
    for (let i = 1; i < length; i++) path[i] = path[i - 1] + this.normal();
    const centre = path.reduce((sum, value) => sum + value, 0) / length;
    const spread = Math.sqrt(path.reduce((sum, value) => sum + (value - centre) ** 2, 0) / length);
    return path.map((value) => mean + (deviation * (value - centre)) / (spread || 1));
  }
}

/** Rounds as an instrument that shows so many decimals. */
export const round = (value: number, decimals = 0): number => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** How the tables write a truth. */
export const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
