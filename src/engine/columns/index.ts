export { columnChoice, chooseColumns, columnName, type ColumnChoice } from './choice';
export type { ColumnsStage, FittedTransform, KnownColumn, KnownColumns, Touched } from './definition';
export { knownColumns } from './known';
export { planColumns, type ColumnPlan, type StepFault } from './plan';
