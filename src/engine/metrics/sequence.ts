/** Metrics of the classes of the steps of sequences; steps whose class is unknown count nothing. */
import { NO_VALUE } from './lack';
import { argmax, confusion, countMetrics, rowLosses, weightedMean, type Scorer } from './classification';
import { countIntervals } from './classification.intervals';
import { amongRows, mean, rate, type IntervalRule } from './intervals';
import type { Steps } from './known';

export type { Steps } from './known';

/**
 * Steps weigh as their row does; `sequenceAccuracy` is the share of rows all of whose steps are right.
 *
 * @param actual class index or NaN, [rows, steps]
 * @param probabilities row-major [rows, steps, classes]
 */
export function sequenceScorer(actual: Steps, probabilities: Float32Array, classes: number): Scorer {
  const known = knownSteps(actual, probabilities, classes);
  const { log } = rowLosses(known.actual, known.probabilities, classes);
  const exact = exactRows(known);
  return {
    names: ['tokenAccuracy', 'balancedAccuracy', 'f1Macro', 'sequenceAccuracy', 'logLoss'],
    work: known.actual.length * 3,
    score: (weights) => {
      const stepWeights = Float64Array.from(known.row, (row) => weights[row]);
      const counts = countMetrics(confusion(known.actual, known.predicted, classes, stepWeights));
      return [
        counts[0],
        counts[1],
        counts[5],
        weightedMean(
          exact.right,
          exact.rows.map((row) => weights[row]),
        ),
        weightedMean(log, stepWeights),
      ];
    },
    intervals: stepIntervals({ known, exact, log }, classes),
    lack: () => NO_VALUE,
  };
}

/** Steps of one row depend on each other. */
function stepIntervals({ known, exact, log }: Scored, classes: number): IntervalRule[] {
  const [accuracy, balanced, , , , f1Macro] = countIntervals(known, classes);
  return [
    { method: amongRows(known.row, accuracy.method!) },
    { method: amongRows(known.row, balanced.method!) },
    { ifConstant: amongRows(known.row, f1Macro.ifConstant!) },
    { method: amongRows(Uint32Array.from(exact.rows), rate(exact.right)) },
    { method: amongRows(known.row, mean(log)) },
  ];
}

/** Counts [actual][predicted] of the known steps. */
export function stepConfusion(actual: Steps, probabilities: Float32Array, classes: number): number[][] {
  const known = knownSteps(actual, probabilities, classes);
  return confusion(known.actual, known.predicted, classes, new Uint8Array(known.actual.length).fill(1));
}

interface Known {
  /** Of each known step. */
  row: Uint32Array;
  actual: Int32Array;
  predicted: Int32Array;
  probabilities: Float32Array;
}

interface Scored {
  known: Known;
  exact: ReturnType<typeof exactRows>;
  /** Loss of each known step. */
  log: Float64Array;
}

function knownSteps({ values, width }: Steps, probabilities: Float32Array, classes: number): Known {
  const at = Uint32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]));
  const picked = new Float32Array(at.length * classes);
  at.forEach((step, i) => picked.set(probabilities.subarray(step * classes, (step + 1) * classes), i * classes));
  return {
    row: at.map((step) => Math.floor(step / width)),
    actual: Int32Array.from(at, (step) => values[step]),
    predicted: argmax(picked, classes),
    probabilities: picked,
  };
}

function exactRows({ row, actual, predicted }: Known): { rows: number[]; right: Float64Array } {
  const right = new Map<number, number>();
  row.forEach((r, i) => right.set(r, Number(actual[i] === predicted[i]) && (right.get(r) ?? 1)));
  return { rows: [...right.keys()], right: Float64Array.from(right.values()) };
}
