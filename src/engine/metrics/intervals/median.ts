/** Bounds of a median are two of the values, by the sign test, whatever their distribution. */
import type { IntervalMethod } from './interval';
import { quantile } from '../quantile';
import { Z } from './normal';

/** Of independent rows. */
export const median =
  (values: Float64Array): IntervalMethod =>
  ({ unitOf }) => {
    if (unitOf || values.length < 6) return null;
    const sorted = values.toSorted();
    const below = Math.max(0, Math.floor((values.length - Z * Math.sqrt(values.length)) / 2));
    return { value: quantile(sorted, 0.5), lower: sorted[below], upper: sorted[values.length - 1 - below] };
  };
