/** The engine's pure face: contract, families, column selection. It reaches no native library; run.ts does. */
export * from './types';
export { AUTO, checkParameters, describe, families } from './auto';
export { encodedBytes, estimateCost } from './estimate';
export type { Advice, Cost, DataProfile } from './families/family';
export {
  amountsOf,
  originOf,
  registerFamily,
  searchSpaceOf,
  type Estimator,
  type ParameterIssue,
  type Range,
} from './families/registry';
export { lastRows, type EntityRows, type LastRows } from './history/last-rows';
export { planHistory, unitFaults, unitOf, withHistory } from './history/plan';
export { knownIds, knownRare, type KnownIds, type ReadingCard } from './serving/known-ids';
export * from './expressions';
export { modelFault } from './keras/config';
export { networkFile, type OpenFile } from './keras/convert';
export { readKerasModel, type KerasModel } from './keras/read';
export type { ProfiledColumn } from './readers/definition';
export { registerReader } from './readers/registry';
export { groupColumn, splitColumn, splitFaults } from './splits';
export { registerMetric, type MetricDefinition, type ScoredRows } from './metrics';
export { costsFault } from './tasks/costs';
export { groupFault } from './tasks/targets/groups';
export { weightFault } from './tasks/targets/weights';
export { defineTask, type TaskDefinition } from './tasks/definition';
export {
  findTask,
  hasSeveralTargets,
  labelsSteps,
  learnsFeatures,
  learnsNumbers,
  registerTask,
  TaskEnum,
  taskOf,
} from './tasks/registry';
export { taskTraits } from './tasks/traits';
export {
  chooseColumns,
  columnChoice,
  knownColumns,
  makerFaults,
  planColumns,
  type ColumnPlan,
  type KnownColumn,
  type KnownColumns,
  type StepFault,
} from './columns';
export {
  defineStep,
  findStep,
  mayPrecede,
  orderSteps,
  PREPROCESS_DEFAULTS,
  registerStep,
  requestOf,
  stepDefinitions,
  StepKind,
  stepOf,
  type PipelineStep,
  type StepDefinition,
  type StepEdge,
  type StepRequest,
} from './steps';
export { scoresFrom } from './tasks/answers/answers';
export type { TargetFacts } from './tasks/targets/facts';
export { chooseTask, countFault, readTargets } from './tasks/targets/read';
