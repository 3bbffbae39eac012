import { COLUMN_TYPES } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, shown, warning, type Finding } from '../finding';
import type { TypedColumn } from './infer';
import { DATA_TABLE } from '../profile/profile';

/** Makes times missing that are infinite or further from 1970 than a Date can be, and says in which rows they stand. */
export async function clearFarTimes(duck: Duck, columns: TypedColumn[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const { index, name, type } of columns) {
    const c = `c${index}`;
    const far = COLUMN_TYPES[type].isFar?.(c);
    if (!far) continue;
    const isFar = `(${c} IS NOT NULL AND ${far})`;
    const { count, first } = await duck.one<{ count: number; first: number }>(
      `SELECT count(*) AS count, coalesce(min(rowid), 0) + 1 AS first FROM ${DATA_TABLE} WHERE ${isFar}`,
    );
    if (count === 0) continue;
    await duck.run(`UPDATE ${DATA_TABLE} SET ${c} = NULL WHERE ${isFar}`);
    found.push(farTimes(name, count, first));
  }
  return found;
}

const farTimes = (name: string, count: number, first: number): Finding =>
  warning('INFINITE_VALUE', {
    column: name,
    row: first,
    count,
    message: `${shown(name)}: ${counted(count, 'time')} infinite or beyond the years -271821 to 275760, first in row ${first}, treated as missing.`,
    fix: 'Nothing to do where it means "open" or "never". Otherwise write the time itself.',
  });
