/** Quantiles that the bounds of 95 % intervals need. */

/** Of the normal distribution, at 0.975. */
export const Z = 1.959963984540054;

/** Of Student's distribution, at 0.975 (the expansion of Fisher and Cornish, 1960); `freedom` is 1 or more. */
export function studentQuantile(freedom: number): number {
  if (freedom < 4) return [12.7062, 4.3027, 3.1824][Math.floor(freedom) - 1];
  const z = [1, 3, 5, 7].map((power) => Z ** power);
  return (
    Z +
    (z[1] + z[0]) / (4 * freedom) +
    (5 * z[2] + 16 * z[1] + 3 * z[0]) / (96 * freedom ** 2) +
    (3 * z[3] + 19 * z[2] + 17 * z[1] - 15 * z[0]) / (384 * freedom ** 3)
  );
}

/** Distribution function of the normal distribution; to 2e-7 (Numerical Recipes, erfcc). */
export function normalShare(x: number): number {
  const t = 1 / (1 + Math.abs(x) / (2 * Math.SQRT2));
  const terms = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807];
  const series = [...terms, -1.13520398, 1.48851587, -0.82215223, 0.17087277].reduceRight((sum, c) => c + t * sum, 0);
  const tail = (t * Math.exp((-x * x) / 2 + series)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/** Where the distribution function has this share, above 0 and below 1. */
export const normalQuantile = (share: number): number => solve((x) => normalShare(x) - share, -8, 8);

/** Where a rising function is 0, by halving. */
export function solve(rising: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
