// Pipelines own what a training is told: steps and edges as data, checked and kept as immutable versions.
// They also say which model families suit a target, and what a run is expected to cost.
export { creditsOf, estimateRun } from './advice/estimate';
export type { CompiledPipeline } from './steps/pipeline.compiler';
export { Pipeline, PipelineVersion } from './pipeline.entity';
export { CreatePipelineInput, PipelineStepInput, StepEdgeInput, UpdatePipelineInput } from './pipeline.input';
export { NAMES_OF_PIPELINE_VERSIONS } from './pipeline.lineage';
export { versionsOfPipeline } from './pipeline.list';
export { PipelineResolver, PipelineVersionResolver } from './pipeline.resolver';
export { PipelineService, type PipelineContent } from './pipeline.service';
export { profileOf } from './advice/profile';
export { RecommendationResolver } from './advice/recommendation.resolver';
export { stepIssues } from './steps/step-columns';
export { toStepFault } from './steps/step-fault';
export type { Step, StepEdge } from './steps/step-graph';
export { KIND_NAME_DESCRIPTION, kindOf, StepKind } from './steps/step-kind';
export { columnIssues, type Profile, type ProfiledColumn } from './advice/target-check';
export { knownTask, TaskEnum } from './task.enum';
export { createPipelines } from './pipelines.feature';
