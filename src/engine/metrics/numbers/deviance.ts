/** How far numbers lie from their means, where the variance grows as a power of the mean. */

/** Unit deviance of the family that Tweedie named, for a power of 1 (Poisson) or up to 2; NaN where it is undefined. */
export function devianceOf(actual: number, mean: number, power: number): number {
  if (actual < 0 || !(mean > 0)) return NaN;
  if (power === 1) return 2 * ((actual === 0 ? 0 : actual * Math.log(actual / mean)) - actual + mean);
  const of = (value: number): number => value ** (2 - power);
  return (
    2 *
    (of(actual) / ((1 - power) * (2 - power)) - (actual * mean ** (1 - power)) / (1 - power) + of(mean) / (2 - power))
  );
}

/** Scores of one name can be compared where they are of one power. */
export const devianceName = (power: number): string => (power === 1 ? 'poissonDeviance' : 'tweedieDeviance');
