/** Plain textbook formulas, as the oracle of the generators. */
export const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function deviation(values: number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** Area under the ROC curve that true probabilities reach in expectation: P(risk of an event > risk of a non-event). */
export function bayesRocAuc(risks: number[]): number {
  let below = 0;
  let ordered = 0;
  for (const risk of [...risks].sort((a, b) => a - b)) {
    ordered += risk * (below + (1 - risk) / 2);
    below += 1 - risk;
  }
  return ordered / (below * risks.reduce((sum, risk) => sum + risk, 0));
}

/** Log loss that true probabilities reach in expectation, in nats. */
export const bayesLogLoss = (risks: number[]): number =>
  mean(risks.map((p) => -p * Math.log(p) - (1 - p) * Math.log(1 - p)));
