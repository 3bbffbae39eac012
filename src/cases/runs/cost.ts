import { AUTO, type Estimator, type Task } from '../../engine';
import { creditsOf, estimateRun } from '../../pipelines';
import type { RunCost } from '../../runs';
import { stepsOf, type CaseDefinition, type CaseStep } from '../case-definition';

/** What running a case is expected to cost: its trainings; the types of the columns are those of the sample rows. */
export function costOf(definition: CaseDefinition): RunCost {
  const models = [null, ...(definition.comparisons ?? [])].map((comparison) => stepsOf(definition, comparison));
  const computeSeconds = models.reduce((sum, steps) => sum + secondsOf(steps, definition), 0);
  return { credits: creditsOf(computeSeconds), computeSeconds, rows: definition.rowCount };
}

function secondsOf(steps: CaseStep[], { rowCount, samples }: CaseDefinition): number {
  const columns = Object.keys(samples[0]).map((name) => {
    const values = samples.map((sample) => sample[name]);
    const isNumber = typeof values[0] === 'number';
    return { name, isNumber, isInteger: false, distinctCount: new Set(values).size, missingCount: 0 };
  });
  const [columnStep, trainStep] = (['SELECT_COLUMNS', 'TRAIN'] as const).map(
    (kind) => steps.find((step) => step.kind === kind)?.parameters ?? {},
  );
  const { target = [], targets = target, drop = [], task = null } = columnStep as Partial<StepParameters>;
  const { family = AUTO, parameters = {} } = trainStep as Partial<Estimator>;
  const use = { target: targets, drop, task, estimator: { family, parameters } };
  const profile = { rowCount, columns: [...columns, ...[targets].flat().map(pair)] };
  return estimateRun(profile, use).seconds;
}

interface StepParameters {
  target: string | string[];
  targets: string[];
  drop: string[];
  task: Task | null;
}

/** Samples do not hold the targets: they count as of two values. */
const pair = (name: string) => ({ name, isNumber: false, isInteger: false, distinctCount: 2, missingCount: 0 });
