/** Whether probabilities are corrected after training: by rows that the model has not seen, and only where that pays beyond noise. */
import type { CardCalibration } from '../types';
import {
  fitCalibration,
  fitTemperature,
  logsOf,
  probabilitiesAfter,
  type Calibration,
} from '../tasks/learning/calibration';

/** What a model answers for rows that it was not fitted to. */
export interface AnsweredRows {
  /** Row-major [rows, classes]. */
  probabilities: Float32Array;
  /** Class index of each row. */
  actual: Int32Array;
  classes: number;
  /** Rows of one group depend on each other and are in one fold: the number of the group, by row. */
  dependent?: ArrayLike<number>;
}

type CalibrationKind = CardCalibration['kind'];

interface Kind {
  fit(scores: Float32Array, actual: Int32Array, classes: number): Calibration;
  /** Whether it may change which class is the likeliest. */
  movesAnswers: boolean;
}

const KINDS: Record<CalibrationKind, Kind> = {
  temperature: { fit: fitTemperature, movesAnswers: false },
  platt: { fit: fitCalibration, movesAnswers: true },
};

const FOLDS = 5;
const ROWS_MIN = 100;
/** More say no more of so few numbers. */
const ROWS_MAX = 20_000;
const CLASS_ROWS_MIN = 5;
/** Rows, or groups of them, from which a gain and its spread can be told. */
const UNITS_MIN = 20;
/** One-sided 95 %. */
const ERRORS_BEYOND = 1.645;

/**
 * Null: probabilities stay as they are. Rows are taken in folds: fitted to four of five, judged on the fifth. The gain in log loss is to be
 * more than 1.645 standard errors above 0.
 *
 * @param mayMoveAnswers where answers follow a threshold on the probability, so that right probabilities are what is wanted
 */
export function chooseCalibration(rows: AnsweredRows, mayMoveAnswers: boolean): CardCalibration | null {
  const used = bounded(rows);
  const { actual, classes, unit } = used;
  const counts = new Uint32Array(classes);
  for (const k of actual) counts[k]++;
  if (actual.length < ROWS_MIN || counts.some((count) => count < CLASS_ROWS_MIN)) return null;
  if (unit.every((one) => one < UNITS_MIN - 1)) return null;
  const scores = logsOf(used.probabilities);
  let best: {
    kind: CalibrationKind;
    gain: number;
    logLoss: Pick<CardCalibration, 'logLossBefore' | 'logLossAfter'>;
  } | null = null;
  for (const kind of Object.keys(KINDS) as CalibrationKind[]) {
    if (KINDS[kind].movesAnswers && !mayMoveAnswers) continue;
    const tried = crossValidated({ ...used, scores }, KINDS[kind]);
    if (tried.gain > Math.max(ERRORS_BEYOND * tried.error, best?.gain ?? 0)) best = { kind, ...tried };
  }
  return best && { kind: best.kind, ...KINDS[best.kind].fit(scores, actual, classes), ...best.logLoss };
}

function bounded({
  probabilities,
  actual,
  classes,
  dependent,
}: AnsweredRows): AnsweredRows & { fold: Uint8Array; unit: Uint32Array } {
  const stride = Math.ceil(actual.length / ROWS_MAX);
  const at = Uint32Array.from({ length: Math.ceil(actual.length / stride) }, (_, i) => i * stride);
  const kept = new Float32Array(at.length * classes);
  at.forEach((row, i) => kept.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes));
  const numbers = new Map<number, number>();
  const unit = at.map((row, i) => {
    const key = dependent ? dependent[row] : i;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  return {
    ...{ probabilities: kept, actual: Int32Array.from(at, (row) => actual[row]), classes, unit },
    fold: Uint8Array.from(unit, (number) => number % FOLDS),
  };
}

interface Folded extends Pick<AnsweredRows, 'actual' | 'classes'> {
  scores: Float32Array;
  fold: Uint8Array;
  unit: Uint32Array;
}

/** The mean gain of a row in log loss, with its standard error over the units. */
function crossValidated({ scores, actual, classes, fold, unit }: Folded, kind: Kind) {
  const gains = new Float64Array(unit.reduce((most, one) => Math.max(most, one), 0) + 1);
  let [before, after] = [0, 0];
  for (let held = 0; held < FOLDS; held++) {
    const learnt = Uint32Array.from(actual.keys()).filter((row) => fold[row] !== held);
    const fitted = kind.fit(
      rowsOf(scores, learnt, classes),
      actual.filter((_, row) => fold[row] !== held),
      classes,
    );
    for (let row = 0; row < actual.length; row++) {
      if (fold[row] !== held) continue;
      const rowScores = scores.subarray(row * classes, (row + 1) * classes);
      const [was, is] = [rowScores[actual[row]], Math.log(probabilitiesAfter(rowScores, fitted)[actual[row]])];
      before -= was;
      after -= is;
      gains[unit[row]] += is - was;
    }
  }
  const rows = actual.length;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  const error = Math.sqrt((squares * gains.length) / Math.max(1, gains.length - 1)) / rows;
  return {
    gain: (before - after) / rows,
    error,
    logLoss: { logLossBefore: before / rows, logLossAfter: after / rows },
  };
}

function rowsOf(scores: Float32Array, rows: Uint32Array, classes: number): Float32Array {
  const taken = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => taken.set(scores.subarray(row * classes, (row + 1) * classes), i * classes));
  return taken;
}
