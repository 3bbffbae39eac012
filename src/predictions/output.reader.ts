import { scoresFrom, taskOf, type OutputBatch } from '../engine';
import { COLUMN_TYPES } from '../formats';
import type { ModelCard } from '../models';
import type { Score, TargetPrediction } from './prediction.entity';

/** Reads the rows of a model's answer by its card. Rows are read only when they are asked for. */
export class OutputReader {
  /** Values per row. */
  private readonly width: number;

  constructor(
    private readonly card: Pick<ModelCard, 'task' | 'labels' | 'targets' | 'resolution' | 'columnType'>,
    private readonly output: OutputBatch,
  ) {
    this.width = card.targets?.length ?? 1;
  }

  /** Of all rows. */
  values(): string[] {
    const { prediction, rowCount } = this.output;
    if (this.card.targets) return Array.from({ length: rowCount }, (_, row) => this.valueAt(row));
    return Array.isArray(prediction) ? prediction : Array.from(prediction, (value) => numberText(value, this.card));
  }

  valueAt(row: number): string {
    return this.card.targets ? JSON.stringify(this.targetValuesAt(row)) : this.text(row);
  }

  targetValuesAt(row: number): string[] {
    return Array.from({ length: this.width }, (_, target) => this.text(row * this.width + target));
  }

  /** Null for numbers and for sequences. */
  scoresAt(row: number): Score[] | null {
    const { labels, task } = this.card;
    const { probabilities } = this.output;
    if (!labels || !probabilities || !taskOf(task).answers.scoresRows) return null;
    return scoresFrom(probabilities, labels, row * labels.length);
  }

  /** Null for a single target. */
  targetsAt(row: number): TargetPrediction[] | null {
    if (!this.card.targets) return null;
    return this.card.targets.map(({ name: target }, i) => {
      const at = row * this.width + i;
      return { target, value: this.text(at), scores: this.targetScores(i, at) };
    });
  }

  /** `at` counts the targets of all rows. */
  private targetScores(target: number, at: number): Score[] | null {
    const { probabilities } = this.output;
    if (!probabilities) return null;
    return taskOf(this.card.task).answers.scoresOfTarget?.(probabilities, this.card, { target, at }) ?? null;
  }

  private text(at: number): string {
    const value = this.output.prediction[at];
    return typeof value === 'string' ? value : numberText(value, this.card.targets?.[at % this.width] ?? this.card);
  }
}

/** In the form of the column that it was learnt from: a time is ISO text. */
function numberText(value: number, target: Pick<ModelCard, 'resolution' | 'columnType'>): string {
  const shown = target.columnType && COLUMN_TYPES[target.columnType].shown;
  return shown && Number.isFinite(value) ? shown(value) : decimal(value, target);
}

/** A 32-bit float is good for 7 digits; the rest would be noise of its conversion. */
const FLOAT_DIGITS = 7;
/** More say nothing of a double. */
const DIGITS_MAX = 17;

/** The digits that the model can tell. */
function decimal(value: number, { resolution }: Pick<ModelCard, 'resolution'>): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = resolution ? Math.ceil(Math.log10(Math.abs(value) / resolution)) : FLOAT_DIGITS;
  return digits < 1 ? '0' : String(Number(value.toPrecision(Math.min(digits, DIGITS_MAX))));
}
