// Pipelines own what a training is told: steps and edges as data, checked and kept as immutable versions.
// They also say which model families suit a target, and what a run is expected to cost.
export { creditsOf, estimateRun } from './estimate';
export type { CompiledPipeline } from './pipeline.compiler';
export { Pipeline, PipelineVersion } from './pipeline.entity';
export { CreatePipelineInput, PipelineStepInput, StepEdgeInput, UpdatePipelineInput } from './pipeline.input';
export { PipelineResolver, PipelineVersionResolver } from './pipeline.resolver';
export { PipelineService, type PipelineContent } from './pipeline.service';
export { profileOf } from './profile';
export { RecommendationResolver } from './recommendation.resolver';
export { stepIssues } from './step-columns';
export { toStepFault } from './step-fault';
export type { Step, StepEdge } from './step-graph';
export { StepKind } from './step-kind';
export { columnIssues, type Profile, type ProfiledColumn } from './target-check';
export { TaskEnum } from './task.enum';
export { createPipelines } from './pipelines.feature';
