/** What families trained by gradient propose to `auto`. */
import type { Proposal } from './family';
import { planTraining } from './training/training.plan';

/** Training rows seen by one candidate, at most; it bounds a run on large tables. Smaller tables get what the family plans. */
const ROWS_SEEN_MAX = 1_000_000;
const EPOCHS_MIN = 5;

/** Parameters by the name of the proposal. */
export function proposals(list: Record<string, Record<string, unknown>>, rows: number): Proposal[] {
  const most = Math.max(EPOCHS_MIN, Math.round(ROWS_SEEN_MAX / rows));
  const { epochs } = planTraining({ epochs: null, batchSize: null, patience: null }, rows);
  return Object.entries(list).map(([name, parameters]) => ({
    name,
    parameters: { ...parameters, epochs: Math.min(epochs, most) },
  }));
}

/** Solved exactly, with the penalty that validation chooses. */
export const exactSums = (name: string): Proposal[] => [{ name, parameters: { solver: 'exact' } }];
