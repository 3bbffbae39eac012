import type { Feature, Platform } from '../feature';
import { LineageResolver } from './lineage.resolver';
import { LineageService } from './lineage.service';

export function createLineage({ database }: Platform) {
  const feature: Feature = { resolvers: [new LineageResolver(new LineageService(database))] };
  return { feature };
}
