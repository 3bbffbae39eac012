import type { Feature, Platform } from '../feature';
import { LineageResolver } from './lineage.resolver';
import { LineageService } from './lineage.service';

export function createLineage({ database }: Platform) {
  const lineage = new LineageService(database);
  const feature: Feature = { resolvers: [new LineageResolver(lineage)] };
  return { lineage, feature };
}
