// Runs own a training from the request to its end: states, events, checkpoints, evaluation, cancel and recovery.
// `RunService` is what the API calls; `RunTask` is the durable job of the `work` processes.
export { RunConclusion } from './work/run.conclusion';
export { Run } from './run.entity';
export { RunCost } from './run.input';
export { RunControl } from './run.control';
export { RunControlResolver } from './run-control.resolver';
export { RunData } from './work/run.data';
export { RunEventResolver } from './events/run-event.resolver';
export { ModelVersionRunResolver, RunResolver, StartRunPayloadResolver } from './run.resolver';
export { RunService, type RunDependencies, type StartRun } from './run.service';
export { isFinal, RunState } from './run-state';
export { RunTask, type RunTaskDependencies } from './work/run.task';
export { gpuRunTask, runTask } from './work/run.job';
export { createRuns } from './runs.feature';
