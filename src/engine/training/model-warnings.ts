/** What is to be known of a model before it is relied on, as its evaluation shows. Why so: docs/decisions/0048-a-baseline-beside-every-figure.md. */
import { taskOf } from '../tasks/registry';
import type { Judge } from '../tasks/score/score';
import {
  byKind,
  type ClassesEvaluation,
  type Evaluation,
  type KindTable,
  type MetricValue,
  type ModelWarning,
  type Scores,
  type Task,
} from '../types';
import { shown } from '../../formats';

const NAMES_MAX = 10;

export function modelWarnings(evaluation: Evaluation, task: Task): ModelWarning[] {
  return [...besideGuessing(evaluation, task), ...undefinedOnes(evaluation), ...byKind(OF_KIND, evaluation)];
}

interface Judged {
  metric: MetricValue;
  baseline: NonNullable<MetricValue['baseline']>;
  judge: Judge;
}

/** Of the model as a whole; where that is better than guessing, of the targets that are not. */
function besideGuessing({ metrics, rowCount }: Scores, task: Task): ModelWarning[] {
  const whole = judged(
    metrics.filter(({ target }) => target === undefined),
    task,
  );
  if (whole && isNoBetter(whole)) return [{ code: 'NO_BETTER_THAN_BASELINE', message: sentenceOf(whole, rowCount) }];
  const targets = grouped(
    metrics.filter(({ target }) => target !== undefined),
    ({ target }) => target!,
  );
  const guessed = [...targets].flatMap(([name, metrics]) => {
    const found = judged(metrics, task);
    return found && isNoBetter(found) ? [`${shown(name)} (${figuresOf(found)})`] : [];
  });
  if (guessed.length === 0) return [];
  const message = `On ${rowCount} test rows the model is not clearly better than guessing at ${guessed.length} of ${targets.size} targets: ${listOf(guessed)}.`;
  return [{ code: 'NO_BETTER_THAN_BASELINE', message }];
}

/** The first metric that tells; null where none is defined for both. */
function judged(metrics: MetricValue[], task: Task): Judged | null {
  for (const judge of taskOf(task).score.judges) {
    const metric = metrics.find(({ name }) => name === judge.metric);
    if (metric?.baseline) return { metric, baseline: metric.baseline, judge };
  }
  return null;
}

/** Whether the intervals overlap, or the model is worse. */
function isNoBetter({ metric, baseline, judge }: Judged): boolean {
  if (judge.better === 'higher') return (metric.lower ?? metric.value) <= (baseline.upper ?? baseline.value);
  return (metric.upper ?? metric.value) >= (baseline.lower ?? baseline.value);
}

const isWorse = ({ metric, baseline, judge }: Judged): boolean =>
  judge.better === 'higher' ? metric.value <= baseline.value : metric.value >= baseline.value;

function sentenceOf(found: Judged, rowCount: number): string {
  const how = isWorse(found) ? 'no better than guessing' : 'not clearly better than guessing: the intervals overlap';
  return (
    `On ${rowCount} test rows the model is ${how} (${figuresOf(found)}). Before you rely on it, add columns that tell of the ` +
    'target, or rows.'
  );
}

function figuresOf({ metric, baseline }: Judged): string {
  return `${metric.name} ${figure(metric)}, trivial predictor ${figure(baseline)}`;
}

function figure({ value, lower, upper }: Pick<MetricValue, 'value' | 'lower' | 'upper'>): string {
  const rounded = value.toPrecision(4);
  return lower === null || upper === null ? rounded : `${rounded} [${lower.toPrecision(4)}, ${upper.toPrecision(4)}]`;
}

/** One warning for each reason. */
function undefinedOnes({ undefinedMetrics }: Scores): ModelWarning[] {
  const byReason = grouped(undefinedMetrics, ({ reason }) => reason);
  return [...byReason].map(([reason, metrics]) => {
    const names = metrics.map(({ name, target }) => (target === undefined ? name : `${name} of ${shown(target)}`));
    return { code: 'METRICS_UNDEFINED', message: `Left out as undefined: ${listOf(names)}. ${reason}` };
  });
}

/** Beyond two classes the means over classes are defined without one; nothing else tells that it is missing. */
function untestedClasses({ confusionMatrix: { labels, counts } }: ClassesEvaluation): ModelWarning[] {
  if (labels.length < 3) return [];
  const absent = labels.filter((_, k) => counts[k].every((count) => count === 0)).map((label) => shown(label));
  if (absent.length === 0) return [];
  const message = `The test part has nothing of ${absent.length} of ${labels.length} classes, which the scores do not tell of: ${listOf(absent)}.`;
  return [{ code: 'CLASSES_NOT_TESTED', message }];
}

/** What else there is to warn of. */
const OF_KIND: KindTable<Evaluation, ModelWarning[]> = {
  numbers: () => [],
  classes: untestedClasses,
  labels: () => [],
  anomalies: () => [],
};

function grouped<T>(list: T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

function listOf(names: string[]): string {
  const more = names.length - NAMES_MAX;
  return `${names.slice(0, NAMES_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
