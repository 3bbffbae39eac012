export type { PipelineStep, Stage, StepDefinition, StepRequest } from './definition';
export { defineStep } from './definition';
export { registerStep, stepDefinitions, StepKind, stepOf } from './registry';
export { PREPROCESS_DEFAULTS, requestOf } from './request';
