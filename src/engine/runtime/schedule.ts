/** Learning rates by step. */
import type { PlannedTraining } from '../families/program';

/** The rate of a step, counted from 0; the warm-up multiplies whatever the schedule says. */
export function learningRate(settings: PlannedTraining, step: number, stepsPerEpoch: number): number {
  const { learningRate: base, warmupEpochs, epochs } = settings;
  const warmup = warmupEpochs * stepsPerEpoch;
  const rise = step < warmup ? (step + 1) / warmup : 1;
  const total = Math.max(1, epochs * stepsPerEpoch - warmup);
  const done = Math.min(1, Math.max(0, step - warmup) / total);
  return base * rise * FACTORS[settings.schedule](settings, step / stepsPerEpoch, done);
}

const FACTORS: Record<PlannedTraining['schedule'], (settings: PlannedTraining, epoch: number, done: number) => number> =
  {
    constant: () => 1,
    step: ({ stepEpochs, stepFactor }, epoch) => stepFactor ** Math.floor(epoch / stepEpochs),
    // Down to a thousandth, so that the last steps still count.
    cosine: (_, __, done) => 0.001 + (0.999 * (1 + Math.cos(Math.PI * done))) / 2,
  };
