// Runs own a training from the request to its end: states, events, checkpoints, evaluation, cancel and recovery.
// `RunService` is what the API calls; `RunTask` is the durable job of the `work` processes.
export { RunConclusion } from './run.conclusion';
export { Run } from './run.entity';
export { RunCost } from './run.input';
export { RunControl } from './run.control';
export { RunControlResolver } from './run-control.resolver';
export { RunData } from './run.data';
export { RunEventResolver } from './run-event.resolver';
export { ModelVersionRunResolver, RunResolver, StartRunPayloadResolver } from './run.resolver';
export { RunService, type RunDependencies, type StartRun } from './run.service';
export { isFinal, RunState } from './run-state';
export { RunTask, type RunTaskDependencies } from './run.task';
export { gpuRunTask, runTask } from './run.job';
export { createRuns } from './runs.feature';
