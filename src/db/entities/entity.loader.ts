import DataLoader from 'dataloader';
import { In, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { loaderOf, PraxisError, tenantOf, type GraphContext } from '../../kernel';
import type { Database } from '../database';

/** Loads the rows that point to an object, for resolvers: those of all objects asked for in the same tick by one query. */
export class RowsLoader<E extends ObjectLiteral> {
  /** `key` is the column that points; `order` sorts the rows of one object. */
  constructor(
    private readonly database: Database,
    private readonly entity: EntityTarget<E>,
    private readonly key: keyof E & string,
    private readonly order: (a: E, b: E) => number,
  ) {}

  load(context: GraphContext, id: string): Promise<E[]> {
    return loaderOf(context, this, () => new DataLoader((ids: readonly string[]) => this.read(context, ids))).load(id);
  }

  private async read(context: GraphContext, ids: readonly string[]): Promise<E[][]> {
    const rows = await this.database.inTenant(tenantOf(context), (tx) =>
      tx.repo<E>(this.entity).findBy({ [this.key]: In([...ids]) } as never),
    );
    return ids.map((id) => rows.filter((row) => row[this.key] === id).sort(this.order));
  }
}

/** Loads rows by id for resolvers: all ids that one operation asks for in the same tick make one query. */
export class EntityLoader<E extends ObjectLiteral & { id: string }> {
  constructor(
    private readonly database: Database,
    private readonly entity: EntityTarget<E>,
    private readonly kind: string,
  ) {}

  /** Throws NOT_FOUND when the caller's tenant has no such row. */
  load(context: GraphContext, id: string): Promise<E> {
    return loaderOf(context, this, () => new DataLoader((ids: readonly string[]) => this.read(context, ids))).load(id);
  }

  private async read(context: GraphContext, ids: readonly string[]): Promise<(E | Error)[]> {
    const rows = await this.database.inTenant(tenantOf(context), (tx) =>
      tx.repo<E>(this.entity).findBy({ id: In([...ids]) } as never),
    );
    const byId = new Map(rows.map((row) => [row.id as string, row]));
    return ids.map((id) => byId.get(id) ?? PraxisError.notFound(this.kind, id));
  }
}
