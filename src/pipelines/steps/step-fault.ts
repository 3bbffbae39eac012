import { stepDefinitions, type StepDefinition } from '../../engine';
import type { Fault } from '../../kernel';
import type { Step } from './step-graph';

/**
 * A fault at a path of the engine's request, such as `estimator.parameters.learningRate`, as the author of the pipeline can
 * mend it: at a path of its steps, or at `datasetVersionId` when the table is at fault. Where the pipeline has no step that
 * says it, the hint says so.
 */
export function toStepFault<H extends Fault['hint']>(
  steps: Step[],
  { path, hint }: { path: string; hint: H },
): { path: string; hint: H | string } {
  if (/^steps\b/.test(path)) return { path: pathOfStep(steps, path.slice('steps'.length)), hint };
  const [first, ...others] = stepDefinitions().flatMap((step) => placeIn(step, path) ?? []);
  if (!first) return { path: /^table\b/.test(path) ? 'datasetVersionId' : path, hint };
  const kinds = new Map([first, ...others].map((one) => [one.kind, one.place]));
  const index = steps.findIndex(({ kind }) => kinds.has(kind));
  if (index >= 0) return { path: `steps[${index}].parameters${kinds.get(steps[index].kind)}`, hint };
  const text = typeof hint === 'function' ? hint() : (hint ?? '');
  return { path: 'steps', hint: `${text} The pipeline has no step of kind ${first.kind}: add one.`.trimStart() };
}

/** Where a step of the kind says what stands at a path; null: nowhere. */
function placeIn({ kind, places }: StepDefinition, path: string): { kind: string; place: string } | null {
  const isBelow = (beginning: string) => path.startsWith(beginning) && !/^\w/.test(path.slice(beginning.length));
  const [longest] = Object.keys(places)
    .filter(isBelow)
    .sort((a, b) => b.length - a.length);
  if (longest === undefined) return null;
  const inside = path.slice(longest.length).replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  return { kind, place: `${places[longest]}${inside}` };
}

/** Of `.<id>.columns.names[0]`, below the parameters of the step; of the id alone, the step. */
function pathOfStep(steps: Step[], rest: string): string {
  const [, id, inside] = /^\.([\w-]+)(.*)$/.exec(rest)!;
  const index = steps.findIndex((step) => step.id === id);
  return `steps[${index}]${inside && `.parameters${inside}`}`;
}
