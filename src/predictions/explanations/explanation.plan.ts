import { families, type ExplanationCard, type ExplanationMethod } from '../../engine';
import { shown, shownList } from '../../formats';
import { PraxisError } from '../../kernel';
import type { ModelCard } from '../../models';
import type { ExplainInput } from './explanation.input';

/** What is to be explained, once it is known that it can be. */
export interface ExplanationPlan {
  card: ExplanationCard;
  method: ExplanationMethod;
  /** Null: of each row the class that is answered. */
  label: string | null;
}

/** Steps of computation of a request: about five seconds of one thread. */
const OPERATIONS_MAX = 1_000_000_000;
/** Of all rows of a request. */
const CONTRIBUTIONS_MAX = 500_000;
/** Steps of one run on an inference thread, where a row does not take more: about a tenth of a second. */
const RUN_OPERATIONS = 20_000_000;

/** Rows of one run at most. */
export const rowsAtOnce = ({ operations }: ExplanationCard, method: ExplanationMethod): number =>
  Math.max(1, Math.floor(RUN_OPERATIONS / Math.max(1, operations[method])));

/**
 * Throws VALIDATION_FAILED where models of the family cannot be explained or there is no such class, PAYLOAD_TOO_LARGE
 * where so many rows take too long.
 */
export function planExplanation(card: ModelCard, input: ExplainInput, rows: number): ExplanationPlan {
  const { explanation } = card;
  if (!explanation) throw cannot(card);
  const plan = { card: explanation, method: input.method ?? 'pathDependent', label: input.label ?? null };
  if (plan.label !== null) checkLabel(card, plan.label);
  checkSize(plan, rows);
  return plan;
}

function cannot({ family }: ModelCard): PraxisError {
  const able = families().filter(({ explains }) => explains);
  const isAble = able.some(({ name }) => name === family);
  const names = able.map(({ name }) => name).join(', ');
  const message = isAble
    ? 'is of no use with this model version, which was trained before answers could be explained'
    : `is not for models of the family ${family}: what their columns add cannot be told exactly`;
  const hint = isAble ? 'train it again' : `train one of these families: ${names}`;
  return PraxisError.invalid([{ path: 'explain', message, hint }]);
}

function checkLabel({ labels, targets }: ModelCard, label: string): void {
  const lists = targets ? targets.map((target) => target.labels) : [labels];
  const missing = lists.find((list) => !list?.includes(label));
  if (missing === undefined) return;
  const message = missing
    ? `${shown(label)} is no class of the model`
    : 'is for classes, and the model predicts numbers';
  const hint = missing ? `one of ${shownList(missing)}` : 'leave it out';
  throw PraxisError.invalid([{ path: 'explain.label', message, hint }]);
}

function checkSize({ card: { operations, parts, scores }, method }: ExplanationPlan, rows: number): void {
  const steps = Math.max(1, operations[method]);
  const most = Math.min(Math.floor(OPERATIONS_MAX / steps), Math.floor(CONTRIBUTIONS_MAX / (scores * parts.length)));
  if (rows <= most) return;
  const figures = `${steps.toLocaleString('en')} steps and ${scores * parts.length} contributions for a row, of at most ${OPERATIONS_MAX.toLocaleString('en')} and ${CONTRIBUTIONS_MAX.toLocaleString('en')}`;
  const remedy =
    most > 0
      ? `explain at most ${most} rows at a time`
      : 'train with fewer trees, fewer leaves or a smaller depth to have answers explained';
  throw new PraxisError('PAYLOAD_TOO_LARGE', `Explaining ${rows} rows takes too long (${figures}): ${remedy}.`);
}
