/** Steps of a pipeline, and the training that they ask for. */
import { requestOf, type PipelineStep, type StepEdge } from '../../../src/engine';
import type { Table, TrainRequest } from '../../../src/engine/types';

export const step = (id: string, kind: string, parameters: object = {}): PipelineStep => ({
  ...{ id, kind },
  parameters: parameters as Record<string, unknown>,
});
export const path = (...ids: string[]): StepEdge[] => ids.slice(1).map((to, i) => ({ from: ids[i], to }));
export const names = (...list: string[]) => ({ columns: { names: list } });

export const target = (y = 'y', drop: string[] = []) =>
  step('columns', 'SELECT_COLUMNS', { target: y, drop, task: null });
export const byPart = step('split', 'SPLIT', { kind: 'column', column: 'part', validationFraction: 0.2 });
export const NO_BINS = { rareFraction: 0, levelsMax: 50, bins: 0 };
export const impute = (id: string, parameters: object = {}) =>
  step(id, 'IMPUTE', { method: 'median', missingIndicator: true, ...parameters });
export const scale = (id: string, method: string, parameters: object = {}) =>
  step(id, 'SCALE', { method, ...parameters });

export const requestFor = (data: Table, steps: PipelineStep[], edges: StepEdge[] = []): TrainRequest => ({
  ...requestOf(steps, edges),
  ...{ table: data, seed: 3, resume: null },
});
