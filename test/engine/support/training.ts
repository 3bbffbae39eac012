/** Small training problems and step runners for the tests of the runtime. */
import '@tensorflow/tfjs-backend-cpu';
import { fillParameters } from '../../../src/engine/families/registry';
import type { FitPoint, FitPort, FitRequest, Matrix } from '../../../src/engine/learning/fit';
import type { Steps } from '../../../src/engine/executors/executor';
import { scalarsOf } from '../../../src/engine/gradient/optimizers';
import { initialParameters, planStep, type StepPlan } from '../../../src/engine/gradient/step';
import { hasSeveralTargets } from '../../../src/engine/tasks/registry';
import type { Task } from '../../../src/engine/types';
import { randomSource } from './recorded';

/** A nonlinear problem: y depends on a product and a bend of the features. */
export function problem(task: Task, rows: number, seed: number, weighted = false): Matrix {
  const random = randomSource(seed);
  const width = 5;
  const x = Float32Array.from({ length: rows * width }, () => random() * 1.7);
  const score = (i: number) => x[i * width] * x[i * width + 1] + Math.abs(x[i * width + 2]) - x[i * width + 3];
  const y = Float32Array.from({ length: rows }, (_, i) => {
    if (task === 'regression') return score(i) + random() * 0.1;
    return task === 'binary' ? Number(score(i) > 0.5) : Number(score(i) > 0) + Number(score(i) > 1);
  });
  if (hasSeveralTargets(task)) return { rows, width, x, ...severalTargets(task, { x, rows, width }, weighted) };
  const weight = weighted ? Float32Array.from({ length: rows }, () => 1.5 + random()) : null;
  return { rows, width, x, y, weight };
}

/** Each target depends on the feature of its place and the one before; with weights, every fifth value is missing. */
function severalTargets(task: Task, { x, rows, width }: Pick<Matrix, 'x' | 'rows' | 'width'>, weighted: boolean) {
  const count = targetsOf(task)!;
  const of = (i: number, t: number) => x[i * width + t] + 0.5 * x[i * width + Math.max(0, t - 1)];
  const classOf = { multilabel: (v: number) => Number(v > 0), sequence_labeling: (v: number) => Math.round(v + 3) % 3 };
  const y = Float32Array.from({ length: rows * count }, (_, at) => {
    const value = of(Math.floor(at / count), at % count);
    return classOf[task as 'multilabel']?.(value) ?? value;
  });
  return { y, weight: weighted ? y.map((_, i) => (i % 5 === 2 ? 0 : 0.5 + (i % 3))) : null };
}

export const classes: Record<Task, number> = {
  ...{ regression: 1, binary: 2, multiclass: 3 },
  ...{ multilabel: 3, multi_regression: 3, sequence_labeling: 3, anomaly: 5 },
};

/** Three targets, or one for each of five steps. */
export const targetsOf = (task: Task): number | undefined =>
  hasSeveralTargets(task) ? (task === 'sequence_labeling' ? 5 : 3) : undefined;

export const familyOf = (task: Task) => (task === 'regression' ? 'linear' : 'logistic');

/** Features of one column apart from each other, columns of one feature, and one without. */
const COLUMNS = [0, 3, 1, 0, 0];

export function planFor(family: string, parameters: Record<string, unknown>, task: Task, width = 5): StepPlan {
  const settings = fillParameters(family, parameters, 100);
  const columns = width === COLUMNS.length ? COLUMNS : undefined;
  return planStep(family, settings, { task, width, outputs: classes[task], targets: targetsOf(task), columns });
}

export function startOf(plan: StepPlan): Float32Array[] {
  const parameters = initialParameters(plan.program, 3);
  return [parameters, ...Array.from({ length: plan.optimizer.slots }, () => new Float32Array(parameters.length))];
}

export interface Schedule {
  rows: number;
  batch: number;
  count: number;
  rate?: number;
}

export function stepsFor(plan: StepPlan, { rows, batch, count, rate = 0.01 }: Schedule): Steps {
  const random = randomSource(11);
  return {
    count,
    order: Int32Array.from({ length: count * batch }, () => Math.floor(((random() + 1) / 2) * rows)),
    keys: plan.program.random ? Int32Array.from({ length: count * batch }, () => random() * 2 ** 31) : null,
    scalars: scalarsOf(plan.optimizer, 0, new Array<number>(count).fill(rate)),
  };
}

export function cut(steps: Steps, batch: number, from: number, to: number): Steps {
  return {
    count: to - from,
    order: steps.order.slice(from * batch, to * batch),
    keys: steps.keys && steps.keys.slice(from * batch, to * batch),
    scalars: steps.scalars.map((scalar) => scalar.slice(from, to)),
  };
}

export function requestFor(task: Task, family: string, parameters: Record<string, unknown>): FitRequest {
  return {
    family,
    parameters,
    task,
    outputs: classes[task],
    targets: targetsOf(task),
    train: problem(task, 203, 1),
    validation: problem(task, 60, 2),
    seed: 42,
    resume: null,
  };
}

export interface RecordedEvents extends FitPort {
  all: FitPoint[];
  states: { bytes: Uint8Array; pointsBefore: number }[];
  fractions: number[];
}

/** A port that remembers everything. */
export function listen(stop: () => void = () => {}): RecordedEvents {
  const heard: RecordedEvents = {
    all: [],
    states: [],
    fractions: [],
    points: (points) => {
      heard.all.push(...points);
      heard.fractions.push(...points.flatMap(({ fraction }) => fraction ?? []));
    },
    checkpoint: (bytes) => heard.states.push({ bytes, pointsBefore: heard.all.length }),
    control: () => {
      stop();
      return 'continue';
    },
    learningRate: () => null,
    learningRateChanged: () => {},
  };
  return heard;
}
