/** Messages between an InferenceLane and its thread (workers/infer.ts). Types only: both sides import it at no cost. */
import type { ExplanationMethod, ModelFiles, OutputBatch } from '../../engine';
import type { RowBlock } from './buffers';

/**
 * `key` names one model version of one tenant; a thread never sees a tenant's rows without its key. `explains`: the files
 * explain the answers of the model, and what they answer is what parts of the input add.
 */
export type InferRequest =
  | { kind: 'open'; key: string; files: ModelFiles; threads: number; explains?: ExplanationMethod }
  | { kind: 'run'; key: string; block: RowBlock }
  | { kind: 'close'; key: string };

/**
 * `missing`: the thread holds no such session (it was replaced); the pool opens it again. `unusable`: the files are no model
 * that can be opened; why, and what to do.
 */
export type InferReply =
  | { kind: 'done' }
  | { kind: 'missing' }
  | { kind: 'unusable'; message: string; hint: string }
  | { kind: 'rows'; output: OutputBatch };
