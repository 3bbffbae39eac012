/** Penalties on weights, in the unit of the parameters `l1` and `l2`, and which of them are worth trying. */

/** What joins the mean loss: l1 · Σ |weight| + l2 / 2 · Σ weight². Biases go free. */
export interface Penalty {
  l1: number;
  l2: number;
}

/** Of a family; null: chosen by the validation rows. */
export interface PenaltySettings {
  l1: number | null;
  l2: number | null;
}

/** From strong to weak, so that each fit begins near its end. */
const L2_FROM = 10;
const L2_TO = 1e-6;
/** Of l1: from the least at which every weight is zero, by even factors. */
const L1_COUNT = 30;
const L1_SHARE = 1e-3;
/** Shares of l1 in the sum of both penalties. */
const MIXES = [1, 0.5];
const DIGITS = 3;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

function strengthsOfL2({ l2, perDecade }: PathScale): number[] {
  const count = Math.round(perDecade * Math.log10(L2_FROM / L2_TO));
  return Array.from({ length: count + 1 }, (_, i) => rounded(l2 * L2_FROM * 10 ** (-i / perDecade)));
}

/** @param most the least l1 at which every weight is zero */
const strengthsOfL1 = (most: number): number[] =>
  Array.from({ length: L1_COUNT }, (_, i) => rounded(most * L1_SHARE ** (i / (L1_COUNT - 1))));

export interface PathScale {
  /** Curvature of the loss where fits begin, relative to that of the squared error. */
  l2: number;
  /** Of l2. */
  perDecade: number;
  /** Null: l1 is not for this solver. */
  l1: number | null;
}

/** Lists of penalties; within each a fit goes on from the one before. A single one where nothing is left to choose. */
export function pathsOf({ l1, l2 }: PenaltySettings, scale: PathScale): Penalty[][] {
  if (l1 !== null && l2 !== null) return [[{ l1, l2 }]];
  if (l1 !== null) return [strengthsOfL2(scale).map((strength) => ({ l1, l2: strength }))];
  if (scale.l1 === null || scale.l1 === 0) return l2 === null ? pathsOf({ l1: 0, l2 }, scale) : [[{ l1: 0, l2 }]];
  const strengths = strengthsOfL1(scale.l1);
  if (l2 !== null) return [[...strengths, 0].map((strength) => ({ l1: strength, l2 }))];
  const mixed = MIXES.map((share) =>
    strengths.map((strength) => ({ l1: strength, l2: rounded((strength * (1 - share)) / share) })),
  );
  return [...pathsOf({ l1: 0, l2: null }, scale), ...mixed];
}
