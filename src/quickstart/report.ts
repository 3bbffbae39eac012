import type { QuickstartResult } from './main-job';

const CLASSIFICATION = ['accuracy', 'balancedAccuracy', 'f1Macro', 'rocAuc', 'averagePrecision', 'logLoss'];

/** What is reported of each task; of others all there is. */
const METRICS: Partial<Record<QuickstartResult['card']['task'], string[]>> = {
  REGRESSION: ['rmse', 'mae', 'r2'],
  BINARY: CLASSIFICATION,
  MULTICLASS: CLASSIFICATION,
  MULTILABEL: ['f1Macro', 'f1Micro', 'rocAuc', 'averagePrecision', 'hammingLoss', 'subsetAccuracy', 'logLoss'],
  MULTI_REGRESSION: ['rmse', 'mae', 'r2', 'averageRelativeRmse'],
  SEQUENCE_LABELING: ['tokenAccuracy', 'balancedAccuracy', 'f1Macro', 'sequenceAccuracy', 'logLoss'],
  ANOMALY: ['reconstructionError', 'anomalyRate', 'rocAuc', 'averagePrecision', 'precision', 'recall', 'f1'],
};

/** The object of `--json`. A metric that is not defined on the test rows is null. */
export function reportOf(result: QuickstartResult): Record<string, unknown> {
  const { card, rowCount, metrics, seconds, modelVersionId } = result;
  const overall = metrics.filter(({ target }) => target === null);
  const valueOf = (name: string) => overall.find((metric) => metric.name === name)?.value ?? null;
  const names = METRICS[card.task] ?? overall.map(({ name }) => name);
  return {
    task: card.task.toLowerCase(),
    family: card.family,
    rows: rowCount,
    target: targetOf(card),
    metrics: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
    seconds: Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, value && round(value)])),
    modelVersionId,
  };
}

/** A name; a list of several; null for none. */
function targetOf({ target, targets }: QuickstartResult['card']): string | string[] | null {
  return targets ? targets.map(({ name }) => name) : target;
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
