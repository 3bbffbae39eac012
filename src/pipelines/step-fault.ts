import type { Step } from './step-graph';
import { StepKind } from './step-kind';

/** The first names of paths into a training request, and where a pipeline says them. */
const PLACES: Record<string, [kind: StepKind, path: string]> = {
  target: [StepKind.SELECT_COLUMNS, '.target'],
  targets: [StepKind.SELECT_COLUMNS, '.targets'],
  drop: [StepKind.SELECT_COLUMNS, '.drop'],
  task: [StepKind.SELECT_COLUMNS, '.task'],
  positiveClass: [StepKind.SELECT_COLUMNS, '.positiveClass'],
  split: [StepKind.SPLIT, ''],
  estimator: [StepKind.TRAIN, ''],
};

/**
 * A fault at a path of the engine's request, such as `estimator.parameters.learningRate`, as the author of the pipeline can
 * mend it: at a path of its steps, or at `datasetVersionId` when the table is at fault. Where the pipeline has no step of
 * the kind, the hint says so.
 */
export function toStepFault(steps: Step[], fault: { path: string; hint: string }): { path: string; hint: string } {
  const { path, hint } = fault;
  const [, first, rest] = /^(\w+)(.*)$/.exec(path)!;
  const place = PLACES[first];
  if (!place) return { path: first === 'table' ? 'datasetVersionId' : path, hint };
  const [kind, parameter] = place;
  const index = steps.findIndex((step) => step.kind === kind);
  if (index < 0) return { path: 'steps', hint: `${hint} The pipeline has no step of kind ${kind}: add one.` };
  const inside = rest.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  return { path: `steps[${index}].parameters${parameter}${inside}`, hint };
}
