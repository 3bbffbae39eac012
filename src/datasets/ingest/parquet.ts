import type { Duck } from '../duck';
import { literal } from '../duck';
import { refusal, refuse, RefusedFile, shown, FINDINGS_LISTED_MAX, type Finding } from './finding';
import { checkHeader } from './header';
import { RAW_TABLE, trimmedText } from './raw';

export interface ParquetShape {
  names: string[];
  /** DuckDB's names of the column types. */
  types: string[];
  rowCount: number;
}

/** Reads the footer of a Parquet file, or refuses the file with findings that name columns. */
export async function checkParquet(duck: Duck, path: string, findings: Finding[]): Promise<ParquetShape> {
  const file = literal(path);
  try {
    const schema = await duck.rows<{ name: string; num_children: number | null }>(
      `SELECT name, num_children FROM parquet_schema(${file})`,
    );
    const described = await duck.rows<{ column_type: string }>(`DESCRIBE SELECT * FROM read_parquet(${file})`);
    const { rowCount } = await duck.one<{ rowCount: number }>(
      `SELECT count(*) AS "rowCount" FROM read_parquet(${file})`,
    );
    const leaves = schema.slice(1);
    const types = described.map((column) => column.column_type);
    checkTypes(topLevelNames(leaves), types);
    const names = checkHeader(topLevelNames(leaves), findings);
    if (rowCount === 0)
      refuse('NO_ROWS', { message: 'The file has no row.', fix: 'Check the export, then send it again.' });
    return { names, types, rowCount };
  } catch (error) {
    if (error instanceof RefusedFile) throw error;
    return refuse('UNREADABLE', {
      message: 'The Parquet file is damaged or was cut off.',
      fix: 'Write it again, then send it again.',
    });
  }
}

export async function loadParquet(duck: Duck, path: string, shape: ParquetShape): Promise<void> {
  const aliases = shape.names.map((_, index) => `c${index}`).join(', ');
  const values = shape.types.map((type, index) => `${storedValue(type, `c${index}`)} AS c${index}`).join(', ');
  await duck.run(`CREATE TABLE ${RAW_TABLE} AS SELECT ${values} FROM read_parquet($1) AS file(${aliases})`, [path]);
}

/** Names of the columns in the file's own spelling; the children of nested columns are skipped. */
function topLevelNames(leaves: { name: string; num_children: number | null }[]): string[] {
  const names: string[] = [];
  let nested = 0;
  for (const { name, num_children } of leaves) {
    if (nested === 0) names.push(name);
    else nested--;
    nested += num_children ?? 0;
  }
  return names;
}

const NUMERIC = /^(U?(TINY|SMALL)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const LARGE = /^U?(BIGINT|HUGEINT)$/;
const TEXTUAL = /^(VARCHAR|UUID|TIME.*|INTERVAL|ENUM\(.*\)|JSON)$/;

function checkTypes(names: string[], types: string[]): void {
  const faults = types.flatMap((type, index) => {
    if (NUMERIC.test(type) || LARGE.test(type) || TEXTUAL.test(type) || /^(BOOLEAN|DATE|TIMESTAMP.*)$/.test(type))
      return [];
    return [unsupported(names[index] ?? `column ${index + 1}`, type)];
  });
  if (faults.length > 0) throw new RefusedFile(faults.slice(0, FINDINGS_LISTED_MAX));
}

const unsupported = (column: string, type: string): Finding =>
  refusal('UNSUPPORTED_TYPE', {
    column,
    message: `Column ${shown(column)} has the type ${type.slice(0, 60)}, which a table for training cannot hold.`,
    fix:
      type === 'BLOB'
        ? 'Write text columns as UTF-8 strings; leave out binary ones.'
        : 'Flatten the column to plain values.',
  });

/** Wide integers go through text, so that those that do not fit a number exactly are seen by the type inference. */
function storedValue(type: string, column: string): string {
  if (NUMERIC.test(type)) return `CAST(${column} AS DOUBLE)`;
  if (type === 'BOOLEAN') return column;
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return `CAST(${column} AS TIMESTAMP)`;
  return trimmedText(`CAST(${column} AS VARCHAR)`);
}
