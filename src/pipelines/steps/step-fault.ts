import { stepDefinitions } from '../../engine';
import type { Step } from './step-graph';

/**
 * A fault at a path of the engine's request, such as `estimator.parameters.learningRate`, as the author of the pipeline can
 * mend it: at a path of its steps, or at `datasetVersionId` when the table is at fault. Where the pipeline has no step of
 * the kind, the hint says so.
 */
export function toStepFault(steps: Step[], fault: { path: string; hint: string }): { path: string; hint: string } {
  const { path, hint } = fault;
  const [, first, rest] = /^(\w+)(.*)$/.exec(path)!;
  if (first === 'steps') return { path: pathOfStep(steps, rest), hint };
  const definition = stepDefinitions().find(({ places }) => first in places);
  if (!definition) return { path: first === 'table' ? 'datasetVersionId' : path, hint };
  const { kind, places } = definition;
  const index = steps.findIndex((step) => step.kind === kind);
  if (index < 0) return { path: 'steps', hint: `${hint} The pipeline has no step of kind ${kind}: add one.` };
  const inside = rest.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  return { path: `steps[${index}].parameters${places[first]}${inside}`, hint };
}

/** Of `.<id>.columns.names[0]`, below the parameters of the step; of the id alone, the step. */
function pathOfStep(steps: Step[], rest: string): string {
  const [, id, inside] = /^\.([\w-]+)(.*)$/.exec(rest)!;
  const index = steps.findIndex((step) => step.id === id);
  return `steps[${index}]${inside && `.parameters${inside}`}`;
}
