export { columnChoice, chooseColumns, columnName, type ColumnChoice } from './choice';
export type { ColumnsStage, FittedTransform, KnownColumn, KnownColumns, Touched } from './definition';
export { knownColumns } from './known';
export { makerFaults, type StepFault } from './clashes';
export { planColumns, type ColumnPlan } from './plan';
