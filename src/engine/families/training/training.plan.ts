/** What null leaves open, decided from the number of training rows. */
import type { TrainingParameters } from './program';

type Length = 'epochs' | 'batchSize' | 'patience';

export type Planned<P> = P & Record<Length, number>;

/** Steps that small tables need to converge with the default rates; more rows bring more. */
const STEPS = 12_000;

const clamp = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));

export function planTraining<P extends Pick<TrainingParameters, Length>>(parameters: P, rows: number): Planned<P> {
  const batchSize = parameters.batchSize ?? batchSizeFor(rows);
  const epochs = parameters.epochs ?? clamp(20, Math.round(STEPS / Math.ceil(rows / batchSize)), 300);
  const patience = parameters.patience ?? Math.max(8, Math.round(epochs / 6));
  return { ...parameters, batchSize, epochs, patience };
}

/** A power of two near a fortieth of the rows: small tables want many steps per epoch, large ones long vectors. */
function batchSizeFor(rows: number): number {
  return clamp(16, 2 ** Math.round(Math.log2(Math.max(1, rows) / 40)), 512);
}
