import { availableParallelism } from 'node:os';
import { divideCores, readConfig, type Computing } from '../../src/config';

const DEFAULTS = { inferenceThreads: 1, trainingThreads: 1, threadsPerRun: 4 };
const share = (cores: number, computing: Computing, settings: object = {}) =>
  divideCores(cores, { ...DEFAULTS, computing, ...settings });
const CORES = Array.from({ length: 64 }, (_, i) => i + 1);

describe('cores', () => {
  test('by default the threads of all sessions are no more than the cores; one core has a thread of each', () => {
    for (const cores of CORES) {
      const { apiProcesses, threadsPerRun } = share(cores, 'both');
      expect(apiProcesses + threadsPerRun).toBeLessThanOrEqual(Math.max(2, cores));
    }
    const shares = [1, 2, 3, 4, 6, 8, 64].map((cores) => Object.values(share(cores, 'both')));
    expect(shares).toEqual([
      [1, 1],
      [1, 1],
      [2, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [4, 4],
    ]);
  });

  test('what is set is counted, and what is not yields, down to one thread of each', () => {
    for (const cores of CORES) {
      for (const inferenceThreads of [1, 2, 4]) {
        for (const trainingThreads of [1, 2, 5]) {
          const { apiProcesses, threadsPerRun } = share(cores, 'both', { inferenceThreads, trainingThreads });
          const threads = apiProcesses * inferenceThreads + trainingThreads * threadsPerRun;
          expect(threads).toBeLessThanOrEqual(Math.max(cores, inferenceThreads + trainingThreads));
        }
      }
    }
    expect(share(8, 'both', { apiProcesses: 6 })).toEqual({ apiProcesses: 6, threadsPerRun: 2 });
    expect(share(2, 'both', { apiProcesses: 8 })).toEqual({ apiProcesses: 8, threadsPerRun: 1 });
  });

  test('a machine that only serves or only trains has its cores for that', () => {
    for (const cores of CORES) {
      expect(share(cores, 'serving').apiProcesses).toBe(Math.min(4, cores));
      expect(share(cores, 'training').threadsPerRun).toBe(Math.min(4, cores));
      const { threadsPerRun } = share(cores, 'training', { trainingThreads: 3, threadsPerRun: 64 });
      expect(threadsPerRun).toBe(Math.max(1, Math.floor(cores / 3)));
    }
  });

  test('the configuration divides those of this machine', () => {
    const cores = availableParallelism();
    expect(readConfig({}, 'serving').apiProcesses).toBe(share(cores, 'serving').apiProcesses);
    expect(readConfig({}).trainingThreadsPerRun).toBe(share(cores, 'both').threadsPerRun);
    const alone = readConfig({ PRAXIS_SUPERVISE_WORK: 'false' });
    expect(alone.apiProcesses).toBe(share(cores, 'serving').apiProcesses);
  });
});
