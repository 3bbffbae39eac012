import type { QuickstartResult } from './main-job';

const CLASSIFICATION = ['accuracy', 'balancedAccuracy', 'f1Macro', 'rocAuc', 'averagePrecision', 'logLoss'];
const REGRESSION = ['rmse', 'mae', 'r2'];

/** The object of `--json`. A metric that is not defined on the test rows is null. */
export function reportOf(result: QuickstartResult): Record<string, unknown> {
  const { card, rowCount, metrics, seconds, modelVersionId } = result;
  const names = card.task === 'REGRESSION' ? REGRESSION : CLASSIFICATION;
  const valueOf = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? null;
  return {
    task: card.task.toLowerCase(),
    family: card.family,
    rows: rowCount,
    target: card.target,
    metrics: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
    seconds: Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, value && round(value)])),
    modelVersionId,
  };
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
