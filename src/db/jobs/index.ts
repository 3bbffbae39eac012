export { countWorkProcesses, jobFacts, type JobFacts } from './job-facts';
export { registerJobMetrics } from './job.metrics';
export { JobRunner, type AnyTask, type JobRunnerOptions } from './job-runner';
export type { Lane } from './lanes';
export {
  ATTEMPTS_DEFAULT,
  type Continuation,
  type EnqueueOptions,
  type JobRun,
  type ScheduledTask,
  type Task,
  type TaskRef,
} from './task';
export { AnotherTurn } from './task-runner';
