// Cases owns the library of worked cases (a document in two languages and a definition) and their runs: data, training,
// deployment and predictions in one durable chain, checked against the expected metrics, with lineage from the document.
export type { CaseDefinition, CaseGenerator, CaseSeed, ExpectedMetric, GeneratedTable } from './case-definition';
export type { CaseDocument } from './case-document';
export { CaseRunAdvance, type CaseDependencies } from './runs/case-run.advance';
export { CaseRun, CaseRunStage, CaseRunState } from './runs/case-run.entity';
export { CaseRunResolver, type CaseRunLoaders } from './runs/case-run.resolver';
export { CaseRunStore } from './runs/case-run.store';
export { CaseRunTask } from './runs/case-run.task';
export { Case, Industry } from './case.entity';
export { CaseResolver } from './case.resolver';
export { CaseService } from './case.service';
export { createCases } from './cases.feature';
