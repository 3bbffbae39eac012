/** What is done to rows, by one thread or by several: each does it to its own. */
import { search } from '../growing/search';
import { apply, part, sum, total } from './node-rows';
import { derive, judge, turn } from './passes';
import { count, draw, pack, takeAll } from './samples';
import type { TaskMemory } from './task-memory';

type Task = (memory: TaskMemory, thread: number) => void;

export const ROW_TASKS = {
  ...{ turn, derive, judge, count, takeAll, draw, pack, sum, part, search, total, apply },
} satisfies Record<string, Task>;

export type RowTask = keyof typeof ROW_TASKS;
