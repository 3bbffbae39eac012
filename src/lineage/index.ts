// Lineage owns the edges from cause to effect: case, dataset, pipeline, run, model, deployment, prediction.
// Features add and remove edges in their own transactions with `linkLineage` and `unlinkLineage`; one query follows them
// both ways.
export { Lineage, LineageDirection, LineageRelation } from './lineage.entity';
export { LineageResolver } from './lineage.resolver';
export { LineageService } from './lineage.service';
export { labelled, type LineageLink, linkLineage, type NodeRef, unlinkLineage } from './lineage.store';
export { createLineage } from './lineage.feature';
