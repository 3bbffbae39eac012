/** What of the machine each part gets. */
import { totalmem } from 'node:os';

/** What computes on this machine: predictions (`serve`), trainings (`work`), or both (`start`). */
export type Computing = 'serving' | 'training' | 'both';

const API_PROCESSES_MAX = 4;

/**
 * Shares of the cores in what computes at the same time: API processes times inference threads, and trainings times cores of
 * each. Where both are on the machine, serving takes half of the cores unless told otherwise, and trainings what it leaves, so
 * that the sum is no more than the cores; each has one thread at least (docs/decisions/0013).
 */
export function divideCores(
  cores: number,
  o: {
    /** Undefined: as many as there is room for. */
    apiProcesses?: number;
    inferenceThreads: number;
    trainingThreads: number;
    /** At most. */
    threadsPerRun: number;
    computing: Computing;
  },
): { apiProcesses: number; threadsPerRun: number } {
  const half = Math.min(Math.ceil(cores / 2), cores - o.trainingThreads);
  const room = Math.floor((o.computing === 'serving' ? cores : half) / o.inferenceThreads);
  const apiProcesses = o.apiProcesses ?? Math.max(1, Math.min(API_PROCESSES_MAX, room));
  const left = cores - (o.computing === 'training' ? 0 : apiProcesses * o.inferenceThreads);
  return { apiProcesses, threadsPerRun: Math.min(o.threadsPerRun, Math.max(1, Math.floor(left / o.trainingThreads))) };
}

/** Of the machine, or what its container may take. */
export function memoryBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}
