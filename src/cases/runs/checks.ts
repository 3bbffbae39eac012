import type { ExpectedMetric } from '../case-definition';
import type { CaseCheck } from './case-run.entity';

/** Expected against reached. A bound counts as inside; rounding of the decimal bounds must not decide. */
export function checkMetrics(
  expected: ExpectedMetric[],
  reached: { name: string; value: number }[],
  comparison: string | null = null,
): CaseCheck[] {
  return expected.map(({ metric, expected: target, tolerance }) => {
    const actual = reached.find(({ name }) => name === metric)?.value ?? null;
    const met = actual !== null && Math.abs(actual - target) <= tolerance + 1e-12;
    return { comparison, metric, expected: target, tolerance, actual, met };
  });
}
