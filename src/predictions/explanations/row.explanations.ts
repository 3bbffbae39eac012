import type { ExplainedPart, NumbersOutput, OutputBatch, ScoreUnit } from '../../engine';
import { shorten } from '../../kernel';
import type { ModelCard } from '../../models';
import type { OutputReader } from '../answers/output.reader';
import type { GivenRows } from '../rows/given-rows';
import { fieldOf } from '../rows/row.cells';
import type { ExplanationPlan } from './explanation.plan';
import type { Contribution, Explanation } from './explanation.type';

/** The score of a class is that of the other one, seen from the other side. */
const COMPLEMENTS: Record<ScoreUnit, (base: number) => number> = {
  target: (base) => -base,
  logTarget: (base) => -base,
  logOdds: (base) => -base,
  logScore: (base) => -base,
  probability: (base) => 1 - base,
};

/** A score of a row, and whether it is that of the other of two classes. */
interface ScoreOf {
  target: string | null;
  label: string | null;
  score: number;
  isOther: boolean;
}

const VALUE_LENGTH_MAX = 200;

/** Of rows that were explained; read only when they are asked for. */
export class RowExplanations {
  private readonly values: ArrayLike<number>;

  constructor(
    private readonly plan: ExplanationPlan,
    private readonly model: { card: ModelCard; reader: OutputReader },
    output: OutputBatch,
    private readonly input: GivenRows,
  ) {
    this.values = (output as NumbersOutput).prediction;
  }

  /** One for each target. */
  at(row: number): Explanation[] {
    const { parts } = this.plan.card;
    const shownValues = this.input.columns(parts.map(sentField), [row]).map((column) => valueText(column?.[0]));
    return this.scoresOf(row).map((score) => this.explanation(row, score, shownValues));
  }

  private scoresOf(row: number): ScoreOf[] {
    const { card, reader } = this.model;
    if (!card.targets) return [this.scoreOf(card.labels, reader.valueAt(row))];
    const answered = reader.targetValuesAt(row);
    return card.targets.map(({ name, labels }, score) => {
      const label = labels && (this.plan.label ?? answered[score]);
      return { target: name, label, score, isOther: label !== null && label === labels![0] };
    });
  }

  private scoreOf(labels: string[] | null, answered: string): ScoreOf {
    if (!labels) return { target: null, label: null, score: 0, isOther: false };
    const label = this.plan.label ?? answered;
    const place = labels.indexOf(label);
    const hasOne = this.plan.card.scores < labels.length;
    return { target: null, label, score: hasOne ? 0 : place, isOther: hasOne && place === 0 };
  }

  private explanation(
    row: number,
    { target, label, score, isOther }: ScoreOf,
    shownValues: (string | null)[],
  ): Explanation {
    const { card, method } = this.plan;
    const { parts, scores, unit } = card;
    const at = (row * scores + score) * (parts.length + 1);
    const sign = isOther ? -1 : 1;
    const contributions = parts.map(({ name, inputs }, i): Contribution => ({
      ...{ column: name, madeOf: isSent({ name, inputs }) ? null : inputs, value: shownValues[i] },
      // Zero has no sign that says anything.
      contribution: sign * this.values[at + i] || 0,
    }));
    const stored = this.values[at + parts.length];
    const base = isOther ? COMPLEMENTS[unit](stored) : stored;
    const sum = contributions.reduce((total, { contribution }) => total + contribution, base);
    contributions.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
    return { target, label, unit, method, base, score: sum, contributions };
  }
}

const isSent = ({ name, inputs }: ExplainedPart): boolean => inputs.length === 1 && inputs[0] === name;

/** No input has the name of what steps make, unless it is what they make of it and others. */
const sentField = (part: ExplainedPart) => fieldOf(isSent(part) ? part.name : NOT_SENT);
const NOT_SENT = '\0';

function valueText(value: unknown): string | null {
  const text = value === null || value === undefined ? '' : String(value);
  return text === '' ? null : shorten(text, VALUE_LENGTH_MAX);
}
