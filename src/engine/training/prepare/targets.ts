/** What networks learn of targets: numbers that are scaled, and how much each value counts. */
import { learnsRawTarget } from '../../families/registry';
import type { Matrix } from '../../learning/fit';
import { moments } from '../../magnitude';
import { checkRange, lostDigits } from '../../preprocess/ranges/held';
import { rangeOf } from '../../preprocess/ranges/range';
import type { Target } from '../../tasks/targets/target';
import type { Targets } from '../../tasks/targets/shape';
import type { TargetScale } from '../../tasks/score/score';
import {
  hasSeveralTargets,
  labelsSteps,
  learnsClasses,
  learnsFeatures,
  learnsNumbers,
  ranksWithin,
} from '../../tasks/registry';
import type { TrainRequest } from '../../types';

export interface TargetScaling {
  targetScales: TargetScale[];
  /** Of each class of each target; null: all weigh the same. */
  weights: number[][] | null;
  /** What weights of rows are multiplied by, so that their mean over the train part is 1. */
  rowScale: number;
  /** What a person should know about the numbers. */
  lostDigits: string[];
}

/** @param rows table rows of the train part */
export function scaleTargets(
  { estimator: { family, parameters } }: Pick<TrainRequest, 'estimator'>,
  target: Targets,
  rows: Uint32Array,
): TargetScaling {
  const scaled = learnsNumbers(target.task) && !ranksWithin(target.task) && !learnsRawTarget(family, parameters);
  const fitted = target.columns.map((column, t) =>
    learnsNumbers(target.task)
      ? scaleNumbers(column, rows, { scaled, path: hasSeveralTargets(target.task) ? `targets[${t}]` : 'target' })
      : { scale: RAW, warning: null },
  );
  return {
    targetScales: fitted.map(({ scale }) => scale),
    weights: parameters.classWeight === 'balanced' ? balance(target, rows) : null,
    rowScale: target.weights ? 1 / meanWeight(target.weights, rows) : 1,
    lostDigits: fitted.flatMap(({ warning }) => warning ?? []),
  };
}

const meanWeight = (weights: Float64Array, rows: Uint32Array): number =>
  rows.reduce((sum, row) => sum + weights[row], 0) / rows.length;

const RAW: TargetScale = { mean: 0, scale: 1 };

/** Throws EngineError when float32 cannot hold the target in any row, trained on or not. */
function scaleNumbers(
  { name, values, rows }: Target,
  part: Uint32Array,
  { scaled, path }: { scaled: boolean; path: string },
): { scale: TargetScale; warning: string | null } {
  const known = Float64Array.from(
    part.filter((row) => !Number.isNaN(values[row])),
    (row) => values[row],
  );
  const { mean, deviation } = moments(known);
  const scale = scaled ? { mean, scale: deviation || 1 } : RAW;
  const held = { center: scale.mean, inverseScale: 1 / scale.scale };
  checkRange(name, rangeOf(values, rows), held, path);
  return { scale, warning: lostDigits(name, known, held) };
}

/**
 * Weight of each class of each target that gives all classes the same total in training; mean weight 1. The steps of a
 * sequence are counted together. Null for numbers.
 */
function balance({ task, columns, weights }: Targets, rows: Uint32Array): number[][] | null {
  if (!learnsClasses(task)) return null;
  const counts = columns.map(({ values, labels }) => {
    const perClass = new Array<number>(labels!.length).fill(0);
    for (const row of rows) if (!Number.isNaN(values[row])) perClass[values[row]] += weights ? weights[row] : 1;
    return perClass;
  });
  if (!labelsSteps(task)) return counts.map(balanced);
  const all = balanced(counts[0].map((_, k) => counts.reduce((sum, perClass) => sum + perClass[k], 0)));
  return columns.map(() => all);
}

function balanced(counts: number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : total / (occurring * count)));
}

/** What networks learn of these rows, and how much each value counts: nothing where it is missing. */
export function targetValues(
  { task, columns, weights: rowWeights }: Targets,
  rows: Uint32Array,
  { targetScales, weights, rowScale }: Omit<TargetScaling, 'lostDigits'>,
): Pick<Matrix, 'y' | 'weight'> {
  if (learnsFeatures(task)) return { y: new Float32Array(rows.length), weight: null };
  const size = rows.length * columns.length;
  const y = new Float32Array(size);
  const weight = new Float32Array(size).fill(1);
  let missing = 0;
  columns.forEach(({ values }, t) => {
    const { mean, scale } = targetScales[t];
    rows.forEach((row, i) => {
      const at = i * columns.length + t;
      const value = values[row];
      if (Number.isNaN(value)) {
        weight[at] = 0;
        missing++;
      } else {
        y[at] = (value - mean) / scale;
        if (weights) weight[at] = weights[t][value];
        if (rowWeights) weight[at] *= rowWeights[row] * rowScale;
      }
    });
  });
  return { y, weight: weights || rowWeights || missing > 0 ? weight : null };
}
