import { findTask, scoresFrom } from '../../engine';
import type { ModelCard } from '../../models';
import type { AnswerRows } from './answer.rows';
import type { Score, TargetPrediction } from '../prediction.entity';

/**
 * Reads the rows of a model's answer by its card. Rows are read only when they are asked for. Of a task whose module is not
 * loaded there are values alone.
 */
export class OutputReader {
  /** Values per row. */
  private readonly width: number;

  constructor(
    private readonly card: Pick<ModelCard, 'task' | 'labels' | 'targets' | 'resolution' | 'columnType'>,
    private readonly answer: Omit<AnswerRows, 'numberAt'>,
  ) {
    this.width = card.targets?.length ?? 1;
  }

  /** Of all rows. */
  values(): string[] {
    return Array.from({ length: this.answer.rowCount }, (_, row) => this.valueAt(row));
  }

  valueAt(row: number): string {
    return this.card.targets ? JSON.stringify(this.targetValuesAt(row)) : this.answer.textAt(row, this.card);
  }

  targetValuesAt(row: number): string[] {
    return Array.from({ length: this.width }, (_, target) => this.textAt(target, row * this.width + target));
  }

  /** Null for numbers and for sequences. */
  scoresAt(row: number): Score[] | null {
    const { labels, task } = this.card;
    const { probabilities } = this.answer;
    if (!labels || !probabilities || !findTask(task)?.answers.scoresRows) return null;
    return scoresFrom(probabilities, labels, row * labels.length);
  }

  /** Null for a single target. */
  targetsAt(row: number): TargetPrediction[] | null {
    if (!this.card.targets) return null;
    return this.card.targets.map(({ name }, target) => {
      const at = row * this.width + target;
      return { target: name, value: this.textAt(target, at), scores: this.targetScores(target, at) };
    });
  }

  /** `at` counts the targets of all rows. */
  private targetScores(target: number, at: number): Score[] | null {
    const { probabilities } = this.answer;
    if (!probabilities) return null;
    return findTask(this.card.task)?.answers.scoresOfTarget?.(probabilities, this.card, { target, at }) ?? null;
  }

  private textAt(target: number, at: number): string {
    return this.answer.textAt(at, this.card.targets![target]);
  }
}
