/** From the steps of a pipeline to what they say of a training. */
import type { PreprocessOptions } from '../types';
import type { PipelineStep, Said, StepDefinition, StepEdge, StepRequest } from './definition';
import { orderSteps } from './order';
import { stepDefinitions, stepOf } from './registry';

/** `steps` and `edges` were checked by the catalogue; a kind that is left out does what it does by default. */
export function requestOf(steps: readonly PipelineStep[], edges: readonly StepEdge[] = []): StepRequest {
  const said = stepDefinitions().flatMap((definition) => saidBy(definition, steps));
  const request: Said = Object.assign({}, ...said);
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

/** What the steps of a kind say, or what a pipeline without one does. */
function saidBy(definition: StepDefinition, steps: readonly PipelineStep[]): Said[] {
  if (!definition.says) return [];
  const own = steps.filter(({ kind }) => kind === definition.kind);
  if (own.length > 0) return own.map(({ parameters }) => definition.says!(parameters));
  return definition.needed ? [] : [definition.says(absentParameters(definition, ''))];
}

const absentParameters = ({ absent, parameters }: StepDefinition, family: string): unknown =>
  absent?.(family) ?? parameters.parse({});

/** What becomes of the columns that no step touches, where this family reads them. */
function preprocessOf(family: string): PreprocessOptions {
  const parts = stepDefinitions().map((definition) => {
    const isDefault = definition.columns?.encodes !== undefined && definition.stage === 'columns';
    return isDefault ? definition.columns!.encodes!(absentParameters(definition, family)).options : {};
  });
  return Object.assign({}, ...parts) as PreprocessOptions;
}

/** What columns become where no step says so. */
export const PREPROCESS_DEFAULTS: PreprocessOptions = preprocessOf('');
