import type { DatasetVersion, RunResultQuery } from '../sdk';

type Input = NonNullable<RunResultQuery['run']['modelVersion']>['card']['inputs'][number];

/** A row to try the model with: the median of each number and the most frequent value of each text. */
export function typicalRow(
  inputs: Input[],
  columns: DatasetVersion['columns'],
): Record<string, string | number | null> {
  const profiles = new Map(columns.map((column) => [column.name, column]));
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const profile = profiles.get(name);
      const value = type === 'NUMBER' ? profile?.quantiles?.p50 : profile?.topValues[0]?.value;
      return [name, value ?? null];
    }),
  );
}
