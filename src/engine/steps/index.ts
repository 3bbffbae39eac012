export { mayPrecede, orderSteps } from './order';
export type { PipelineStep, Stage, StepDefinition, StepEdge, StepRequest } from './definition';
export { defineStep } from './definition';
export { findStep, registerStep, stepDefinitions, StepKind, stepOf } from './registry';
export { PREPROCESS_DEFAULTS, requestOf } from './request';
