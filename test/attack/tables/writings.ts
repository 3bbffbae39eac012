/** Many ways to write one table, in each format: what they differ in carries no meaning. */
import type { DatasetFormat } from '../../../src/datasets';
import type { Random } from '../../support/random';
import { csvBytes, csvGrid, csvLines, csvStyle, ONE_COLUMN } from './csv.writing';
import { jsonLines, jsonMembers, jsonStyle } from './json.writing';
import { type ParquetGrid, parquetGrid } from './parquet.writing';
import type { SmallTable } from './small-table';
import { encoded } from './text.writing';

/** A file, or what a file of Parquet is written from. */
export type Content = { bytes: Buffer } | { parquet: ParquetGrid; spoil?: (bytes: Buffer) => Buffer };

export const WRITINGS: Record<DatasetFormat, (table: SmallTable, random: Random) => Content> = {
  CSV: (table, random) => {
    const style = csvStyle(random, table.columns.length === 1 ? ONE_COLUMN : {});
    return { bytes: csvBytes(csvLines(csvGrid(table, style), style), style) };
  },
  JSONL: (table, random) => {
    const drawn = jsonStyle(random);
    // A column that nobody writes is none.
    const isWhole = table.columns.every(({ cells }) => cells.some((cell) => cell !== null));
    const style = isWhole ? drawn : { ...drawn, missing: 'null' as const };
    return { bytes: encoded(jsonLines(jsonMembers(table, style, random), style), style) };
  },
  PARQUET: (table, random) => ({ parquet: parquetGrid(table, random) }),
};
