// Lineage owns the edges from cause to effect: case, dataset, pipeline, run, model, deployment, prediction.
// Features add and remove edges in their own transactions with `linkLineage` and `unlinkLineage`; one query follows them
// both ways. What a kind of object is called, and what goes with it when it is deleted, its feature tells as a `LineageKind`.
export { Lineage, LineageDirection, LineageRelation } from './lineage.entity';
export { LineageResolver } from './lineage.resolver';
export { LineageService } from './lineage.service';
export type { LineageKind, LineageKinds } from './lineage-kind';
export { type LineageLink, linkLineage } from './lineage.store';
export { createLineage } from './lineage.feature';
