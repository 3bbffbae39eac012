/** From the steps of a pipeline to what they say of a training. */
import type { PreprocessOptions } from '../types';
import type { PipelineStep, RequestPart, StepDefinition, StepEdge, StepRequest } from './definition';
import { orderSteps } from './order';
import { stepDefinitions, stepOf } from './registry';

/** `steps` and `edges` were checked by the catalogue; a kind that is left out does what it does by default. */
export function requestOf(steps: readonly PipelineStep[], edges: readonly StepEdge[] = []): StepRequest {
  const defaults = stepDefinitions().map(({ absent, says }) => (absent && says?.(absent(''))) ?? {});
  const parts = steps.map(({ kind, parameters }) => stepOf(kind).says?.(parameters) ?? {});
  const request: RequestPart = Object.assign({}, ...defaults, ...parts);
  const changing = orderSteps(steps, edges).filter(({ kind }) => changes(stepOf(kind)));
  const ids = new Set(changing.map(({ id }) => id));
  return {
    ...(request as StepRequest),
    steps: changing.map((step) => ({ ...step, after: step.after.filter((id) => ids.has(id)) })),
    preprocess: preprocessOf(request.estimator!.family),
  };
}

/** What it says stands in the steps of the request. */
const changes = ({ rows, columns, divides }: StepDefinition): boolean =>
  rows !== undefined || columns !== undefined || divides === true;

/** What becomes of the columns that no step touches, where this family reads them. */
function preprocessOf(family: string): PreprocessOptions {
  const parts = stepDefinitions().map(
    ({ absent, columns }) => (absent && columns?.encodes?.(absent(family)).options) ?? {},
  );
  return Object.assign({}, ...parts) as PreprocessOptions;
}

/** What columns become where no step says so. */
export const PREPROCESS_DEFAULTS: PreprocessOptions = preprocessOf('');
