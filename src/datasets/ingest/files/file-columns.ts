import type { Duck } from '../../tables/duck';
import { identifier, literal } from '../../tables/duck';
import { DATA_TABLE } from '../profile/profile';

/** DuckDB counts rows under this name and reads no file with a column of the same. */
export const ROW_NUMBER = 'file_row_number';

/**
 * The data table under the names that people know, for whoever downloads the file. DuckDB tells no names apart by their
 * case, so some get a number. Readers of ours go by the places of columns.
 */
export function namedData(names: readonly string[]): string {
  const taken = new Set([ROW_NUMBER]);
  const columns = names.map(
    (name, index) => `c${index} AS ${identifier(untaken(name.replaceAll('\0', '\ufffd'), taken))}`,
  );
  return `(SELECT ${columns.join(', ')} FROM ${DATA_TABLE})`;
}

function untaken(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}_${number}`;
  taken.add(free.toLowerCase());
  return free;
}

/** A Parquet file of ours with its columns as c0, c1 …, and `file_row_number` where it is asked for. */
export async function placedData(duck: Duck, path: string, o: { numbered: boolean }): Promise<string> {
  const file = literal(path);
  // The root of the schema is no column.
  const { count } = await duck.one<{ count: number }>(`SELECT count(*) - 1 AS count FROM parquet_schema(${file})`);
  const places = Array.from({ length: count }, (_, index) => `c${index}`).join(', ');
  return `read_parquet(${file}, file_row_number = ${o.numbered}) AS ${DATA_TABLE}(${places})`;
}
