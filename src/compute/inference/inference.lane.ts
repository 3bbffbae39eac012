import { Piscina } from 'piscina';
import type { ModelFiles, OutputBatch } from '../../engine';
import { PraxisError } from '../../kernel';
import type { RowBlock } from './buffers';
import type { ModelSource } from './model-source';
import type { InferReply, InferRequest } from './inference-wire';
import { threadEntry } from '../thread-entry';

/**
 * One inference thread. A Piscina of its own, because a session lives in one thread and the pool must know which: Piscina
 * does not say where a task will run. A task is never aborted: ending a thread inside ONNX Runtime ends the process.
 */
export class InferenceLane {
  private readonly piscina = new Piscina<InferRequest, InferReply>({
    ...threadEntry('infer'),
    // The thread starts with the first task: a process that never predicts never loads ONNX Runtime.
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Infinity,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
  });

  constructor(private readonly threadsPerModel: number) {}

  /** Throws when the files are no model that ONNX Runtime can run, or not all that the model needs. */
  async open({ key, explains }: Pick<ModelSource, 'key' | 'explains'>, files: ModelFiles): Promise<void> {
    const reply = await this.piscina.run({ kind: 'open', key, files, threads: this.threadsPerModel, explains });
    if (reply.kind !== 'unusable') return;
    throw new PraxisError('INTERNAL', `The model cannot be opened. ${reply.message} ${reply.hint}`, { detail: key });
  }

  /** The answer, or null when the thread does not hold the session. Throws what the model throws. */
  async run(key: string, block: RowBlock): Promise<OutputBatch | null> {
    const reply = await this.piscina.run({ kind: 'run', key, block });
    return reply.kind === 'rows' ? reply.output : null;
  }

  async release(key: string): Promise<void> {
    await this.piscina.run({ kind: 'close', key });
  }

  /** Waits for the tasks in flight, then ends the thread. */
  async close(): Promise<void> {
    await this.piscina.close();
  }
}
