import { registerEnumType } from 'type-graphql';
import { findTask, TaskEnum } from '../engine';

export { TaskEnum };

type Task = (typeof TaskEnum)[string];

const OF_NO_MODULE =
  'Of a stored model whose module is not loaded on this server. It does not predict until the operator loads it.';

registerEnumType(TaskEnum, {
  name: 'Task',
  description: 'What a model predicts.',
  // Asked when the schema is built: a task that was registered by then is part of it.
  valuesConfig: new Proxy(
    {},
    { get: (_, key: string) => ({ description: findTask(TaskEnum[key])?.description ?? OF_NO_MODULE }) },
  ),
});

/** A task as the API has it. */
export const knownTask = (name: Task): Task => (findTask(name) ? name : TaskEnum.UNKNOWN);
