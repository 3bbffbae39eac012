import { Equal, LessThan, MoreThan, type FindOptionsWhere, type Repository } from 'typeorm';
import { decodeCursor, encodeCursor, pageSize, toPage, type Page, type PageArgs } from '../kernel';

interface Dated {
  id: string;
  /** Written by the application, so it has whole milliseconds and a cursor meets it exactly. */
  createdAt: Date;
}

/** One page of rows, newest first, ties by id; walks the `(tenant_id, created_at DESC, id)` index of the table. */
export async function newestFirst<E extends Dated>(
  repository: Repository<E>,
  where: FindOptionsWhere<E>,
  args: PageArgs,
): Promise<Page<E>> {
  const size = pageSize(args);
  const rows = await repository.find({
    where: args.after ? afterCursor(where, args.after) : where,
    order: { createdAt: 'DESC', id: 'ASC' } as never,
    take: size + 1,
  });
  const cursorOf = ({ createdAt, id }: E): string => encodeCursor({ createdAt: createdAt.toISOString(), id });
  return toPage(rows, size, cursorOf, args.after);
}

function afterCursor<E extends Dated>(where: FindOptionsWhere<E>, cursor: string): FindOptionsWhere<E>[] {
  const { createdAt, id } = decodeCursor(cursor);
  const at = new Date(createdAt);
  return [
    { ...where, createdAt: LessThan(at) },
    { ...where, createdAt: Equal(at), id: MoreThan(id) },
  ] as FindOptionsWhere<E>[];
}
