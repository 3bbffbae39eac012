import { creditsOf, estimateSeconds } from '../../pipelines';
import type { RunCost } from '../../runs';
import type { CaseDefinition } from '../case-definition';

/** What running a case is expected to cost: its training; the types of the columns are those of the sample rows. */
export function costOf({ rowCount, pipeline, samples }: CaseDefinition): RunCost {
  const columns = Object.keys(samples[0]).map((name) => {
    const values = samples.map((sample) => sample[name]);
    const isNumber = typeof values[0] === 'number';
    return { name, isNumber, isInteger: false, distinctCount: new Set(values).size, missingCount: 0 };
  });
  const { family = 'auto', parameters = {} } = pipeline.steps.find(({ kind }) => kind === 'TRAIN')!.parameters;
  const estimator = { family: family as string, parameters: parameters as Record<string, unknown> };
  const computeSeconds = estimateSeconds({ rowCount, columns }, estimator);
  return { credits: creditsOf(computeSeconds), computeSeconds, rows: rowCount };
}
