/** Messages between an InferenceLane and its thread (workers/infer.ts). Types only: both sides import it at no cost. */
import type { OutputBatch } from '../../engine';
import type { RowBlock } from './buffers';

/** `key` names one model version of one tenant; a thread never sees a tenant's rows without its key. */
export type InferRequest =
  | { kind: 'open'; key: string; model: Uint8Array; threads: number }
  | { kind: 'run'; key: string; block: RowBlock }
  | { kind: 'close'; key: string };

/** `missing`: the thread holds no such session (it was replaced); the pool opens it again. */
export type InferReply = { kind: 'done' } | { kind: 'missing' } | { kind: 'rows'; output: OutputBatch };
