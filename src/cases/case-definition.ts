import type { CaseDocument } from './case-document';

/** What the case library holds: a document to read and a definition to run. Pure data and pure functions. */

/** A table as a generator makes it: rows in the order of `columns`. */
export interface GeneratedTable {
  columns: string[];
  rows: (string | number)[][];
}

/** Makes the case's data. The same arguments always give the same table; it reads and writes nothing. */
export type CaseGenerator = (rowCount: number, seed: number) => GeneratedTable;

/** Met when |actual - expected| <= tolerance: a result far above is as suspicious as one far below. */
export interface ExpectedMetric {
  metric: string;
  expected: number;
  tolerance: number;
}

export interface CaseStep {
  id: string;
  kind: 'SELECT_COLUMNS' | 'SPLIT' | 'IMPUTE' | 'SCALE' | 'ENCODE' | 'TRAIN';
  parameters: Record<string, unknown>;
}

/** Another model on the same rows, trained beside that of the case. */
export interface CaseComparison {
  /** In kebab-case. */
  name: string;
  /** Parameters of its step TRAIN; the other steps are those of the case. */
  train: Record<string, unknown>;
  expected: ExpectedMetric[];
}

/** What `runCase` executes, stored with the case as JSON. */
export interface CaseDefinition {
  rowCount: number;
  /** Seeds the generated data and the run. */
  seed: number;
  pipeline: { steps: CaseStep[]; edges: { from: string; to: string }[] };
  expected: ExpectedMetric[];
  /** What the model is to be compared with; only the model itself is deployed. */
  comparisons?: CaseComparison[];
  /** Raw rows that the deployed model predicts at the end. */
  samples: Record<string, string | number | null>[];
  /** Name of the deployment, where the tenant has no own of that name; the case's slug. */
  deployment: string;
  /** What the deployment does with input that the model has not seen; as it is set, or NOTE, when left out. */
  onUnusualInput?: 'ANSWER' | 'NOTE' | 'REFUSE';
}

/** The steps of the case, with the comparison in place of its model. */
export const stepsOf = ({ pipeline }: CaseDefinition, comparison: CaseComparison | null): CaseStep[] =>
  pipeline.steps.map((step) =>
    comparison && step.kind === 'TRAIN' ? { ...step, parameters: comparison.train } : step,
  );

export type Languages<T> = { en: T; zh: T };

/** One case as the seeds write it. */
export interface CaseSeed {
  slug: string;
  industry: 'MANUFACTURING' | 'MEDICINE' | 'FINANCE';
  document: Languages<CaseDocument>;
  definition: CaseDefinition;
  generate: CaseGenerator;
}
