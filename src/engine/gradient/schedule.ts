/** Learning rates by step. */
import type { PlannedTraining } from '../families/training/program';

/** The rate of a step, counted from 0; the warm-up multiplies whatever the schedule says. */
export function learningRate(settings: PlannedTraining, step: number, stepsPerEpoch: number): number {
  const { learningRate: base, warmupEpochs, epochs } = settings;
  const warmup = warmupEpochs * stepsPerEpoch;
  const rise = step < warmup ? (step + 1) / warmup : 1;
  const total = Math.max(1, epochs * stepsPerEpoch - warmup);
  const at = { epoch: step / stepsPerEpoch, step: Math.max(0, step - warmup), total };
  return base * rise * FACTORS[settings.schedule](settings, at);
}

interface Place {
  /** Epochs done, with fractions. */
  epoch: number;
  /** Steps since the warm-up, of `total`. */
  step: number;
  total: number;
}

/** From 1 at 0 to 0 at 1 along half a cosine. */
const halfCosine = (share: number) => (1 + Math.cos(Math.PI * share)) / 2;

const FACTORS: Record<PlannedTraining['schedule'], (settings: PlannedTraining, place: Place) => number> = {
  constant: () => 1,
  step: ({ stepEpochs, stepFactor }, { epoch }) => stepFactor ** Math.floor(epoch / stepEpochs),
  // Down to a thousandth, so that the last steps still count.
  cosine: (_, { step, total }) => 0.001 + 0.999 * halfCosine(Math.min(1, step / total)),
  oneCycle: (_, place) => oneCycle(place),
  // What validation has cut is part of the training state.
  plateau: () => 1,
};

const RISING_SHARE = 0.3;
const START = 1 / 25;
const END = START / 10_000;

/** Smith & Topin 2019, with cosines for lines. */
function oneCycle({ step, total }: Place): number {
  const peak = RISING_SHARE * total - 1;
  if (step <= peak) return 1 + (START - 1) * halfCosine(step / peak);
  return END + (1 - END) * halfCosine(Math.min(1, (step - peak) / (total - 1 - peak)));
}

/** What validation makes of the plateau schedule. */
export interface Plateau {
  /** Factor of the rate. */
  factor: number;
  /** Epochs without a better loss. */
  waited: number;
}

/** After an epoch: one that is no better than the best before it may cut the rate. */
export function afterEpoch({ factor, waited }: Plateau, settings: PlannedTraining, better: boolean): Plateau {
  if (better || settings.schedule !== 'plateau') return { factor, waited: 0 };
  if (waited < settings.plateauEpochs) return { factor, waited: waited + 1 };
  return { factor: factor * settings.stepFactor, waited: 0 };
}
