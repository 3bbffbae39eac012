/** From the steps of a pipeline to what they say of a training. */
import type { PipelineStep, Said, StepDefinition, StepRequest } from './definition';
import { stepDefinitions } from './registry';

/** `steps` were checked by the catalogue; a kind that is left out does what it does by default. */
export function requestOf(steps: readonly PipelineStep[]): StepRequest {
  const models = stepDefinitions().filter(({ stage }) => stage === 'model');
  const { estimator } = merge(models.flatMap((step) => said(step, steps, '')));
  const others = stepDefinitions().filter(({ stage }) => stage !== 'model');
  const request = merge(others.flatMap((step) => said(step, steps, estimator!.family)));
  return { ...request, estimator } as StepRequest;
}

/** What the steps of a kind say, or what a pipeline without one does. */
function said(definition: StepDefinition, steps: readonly PipelineStep[], family: string): Said[] {
  const own = steps.filter(({ kind }) => kind === definition.kind);
  if (own.length > 0) return own.map(({ parameters }) => definition.says(parameters));
  if (definition.needed) return [];
  return [definition.says(definition.absent?.(family) ?? definition.parameters.parse({}))];
}

const merge = (parts: Said[]): Said =>
  parts.reduce(
    (all, part) => ({
      ...all,
      ...part,
      ...((all.preprocess ?? part.preprocess) && { preprocess: { ...all.preprocess, ...part.preprocess } }),
    }),
    {},
  );

/** What columns become where no step says so. */
export const PREPROCESS_DEFAULTS = requestOf([]).preprocess;
