// Lineage owns the edges from cause to effect: case, dataset, pipeline, run, model, deployment, prediction.
// Features add edges in their own transactions with `linkLineage`; one query follows them both ways.
export { Lineage, LineageDirection, LineageRelation } from './lineage.entity';
export { LineageResolver } from './lineage.resolver';
export { LineageService } from './lineage.service';
export { type LineageLink, linkLineage } from './lineage.store';
