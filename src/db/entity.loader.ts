import DataLoader from 'dataloader';
import { In, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { loaderOf, PraxisError, tenantOf, type GraphContext, type NodeKind } from '../kernel';
import type { Database } from './database';

/** Loads rows by id for resolvers: all ids that one operation asks for in the same tick make one query. */
export class EntityLoader<E extends ObjectLiteral & { id: string }> {
  constructor(
    private readonly database: Database,
    private readonly entity: EntityTarget<E>,
    private readonly kind: NodeKind,
  ) {}

  /** Throws NOT_FOUND when the caller's tenant has no such row. */
  load(context: GraphContext, id: string): Promise<E> {
    return loaderOf(context, this, () => new DataLoader((ids: readonly string[]) => this.read(context, ids))).load(id);
  }

  private async read(context: GraphContext, ids: readonly string[]): Promise<(E | Error)[]> {
    const rows = await this.database.inTenant(tenantOf(context), (tx) =>
      tx.repo<E>(this.entity).findBy({ id: In([...ids]) } as never),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? PraxisError.notFound(this.kind, id));
  }
}
