export { JobRunner, type JobRunnerOptions } from './job-runner';
export {
  ATTEMPTS_DEFAULT,
  type Continuation,
  type EnqueueOptions,
  type JobRun,
  type ScheduledTask,
  type Task,
  type TaskRef,
} from './task';
