/** What predictions show of a model's answer, whatever its kind. */
import { byKind, type KindTable, type OutputBatch } from '../../engine';
import { COLUMN_TYPES } from '../../formats';
import type { ModelCard } from '../../models';

/** How a number of a target is written. */
type NumberForm = Pick<ModelCard, 'resolution' | 'columnType'>;

/** Places count the targets of all rows. */
export interface AnswerRows {
  rowCount: number;
  textAt(at: number, form: NumberForm): string;
  /** NaN where the answer is no number. */
  numberAt(at: number): number;
  /** Row-major, as many for each row; null where there are none. */
  probabilities: Float32Array | null;
}

const ANSWER_ROWS: KindTable<OutputBatch, AnswerRows> = {
  numbers: ({ rowCount, prediction }) => ({
    rowCount,
    textAt: (at, form) => numberText(prediction[at], form),
    numberAt: (at) => prediction[at],
    probabilities: null,
  }),
  labels: ({ rowCount, prediction, probabilities }) => ({
    rowCount,
    textAt: (at) => prediction[at],
    numberAt: () => NaN,
    probabilities,
  }),
};

export const answerRows = (output: OutputBatch): AnswerRows => byKind(ANSWER_ROWS, output);

/** In the form of the column that it was learnt from: a time is ISO text. */
function numberText(value: number, form: NumberForm): string {
  const shown = form.columnType && COLUMN_TYPES[form.columnType].shown;
  return shown && Number.isFinite(value) ? shown(value) : decimal(value, form);
}

/** A 32-bit float is good for 7 digits; the rest would be noise of its conversion. */
const FLOAT_DIGITS = 7;
/** More say nothing of a double. */
const DIGITS_MAX = 17;

/** The digits that the model can tell. */
function decimal(value: number, { resolution }: NumberForm): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = resolution ? Math.ceil(Math.log10(Math.abs(value) / resolution)) : FLOAT_DIGITS;
  return digits < 1 ? '0' : String(Number(value.toPrecision(Math.min(digits, DIGITS_MAX))));
}
