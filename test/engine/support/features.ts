/** What a training makes of columns. */
import { EventLog } from '../../../src/engine/training/event-log';
import type { Matrix } from '../../../src/engine/learning/fit';
import { prepare } from '../../../src/engine/training/prepare/prepare';
import type { TrainRequest } from '../../../src/engine/types';
import { recorder } from './train-port';

/** The features of every row, by part, in the order of the rows. */
export async function featuresOf(request: TrainRequest): Promise<{ train: number[][]; validation: number[][] }> {
  const { train: trained, validation } = await prepare(request, new EventLog(recorder().port, 0));
  return { train: rowsOf(trained), validation: rowsOf(validation) };
}

export const rowsOf = ({ rows, width, x }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, i) => [...x.subarray(i * width, (i + 1) * width)]);
