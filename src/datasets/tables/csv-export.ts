import { Readable } from 'node:stream';
import { COLUMN_TYPES, type ColumnType } from '../../formats';
import { PraxisError } from '../../kernel';
import { Duck } from './duck';
import { placedData } from '../ingest/files/file-columns';
import type { StoredColumn } from '../ingest/table';

/** RFC 4180: commas, CR LF, a header, quotes where a field needs them; UTF-8 without a mark. */
const LINE_END = '\r\n';
const PIECE_CHARACTERS = 65_536;
const MEMORY_MB = 256;
/** In one process: each holds a session of DuckDB. */
const AT_A_TIME = { all: 4, tenant: 2 };
/** Whoever takes nothing for so long has left. */
const STALL_MS = 60_000;

/** Blanks at an end are quoted too: some readers take them off. */
const NEEDS_QUOTES = String.raw`[",\r\n]|^\s|\s$`;

const quoted = (sql: string): string => `'"' || replace(${sql}, '"', '""') || '"'`;

/** NULL is an empty field, which concat leaves empty; an empty text is no missing value. */
function fieldSql(type: ColumnType, c: string): string {
  const { text, isText } = COLUMN_TYPES[type];
  if (!isText) return text(c);
  return `CASE WHEN ${c} = '' OR regexp_matches(${c}, '${NEEDS_QUOTES}') THEN ${quoted(c)} ELSE ${c} END`;
}

/** Lines are made by DuckDB, on its own threads: this one hands on texts. */
function lineSql(columns: readonly StoredColumn[]): string {
  const fields = columns.map(({ index, type }) => fieldSql(type, `c${index}`));
  // A line without a character would be no row to most readers.
  if (fields.length === 1) return `coalesce(${fields[0]}, '""') || '\r\n'`;
  return `concat(${fields.join(`, ',', `)}, '\r\n')`;
}

const headerField = (name: string): string =>
  /[",\r\n]|^[\s\ufeff]|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;

/** Tables as CSV, made while they are sent: nothing is stored, and a slow reader slows the reading down. */
export class CsvExports {
  /** Those that are under way, by tenant. */
  private readonly open = new Map<string, number>();

  /** RATE_LIMITED when as many are under way as there may be. */
  start(tenantId: string, path: string, columns: readonly StoredColumn[]): Readable {
    const ofTenant = this.open.get(tenantId) ?? 0;
    const all = [...this.open.values()].reduce((sum, count) => sum + count, 0);
    if (ofTenant >= AT_A_TIME.tenant || all >= AT_A_TIME.all) {
      throw new PraxisError(
        'RATE_LIMITED',
        `${ofTenant >= AT_A_TIME.tenant ? `${ofTenant} CSV downloads of this tenant are` : 'Too many CSV downloads are'} under way; try again when one has ended, or take the Parquet file.`,
      );
    }
    this.open.set(tenantId, ofTenant + 1);
    const stalled = () => void stream.destroy(new Error('The download was not read any more.'));
    const stream: Readable = Readable.from(pieces(path, columns, stalled), { objectMode: false });
    stream.once('close', () => this.end(tenantId));
    return stream;
  }

  private end(tenantId: string): void {
    const left = (this.open.get(tenantId) ?? 1) - 1;
    if (left > 0) this.open.set(tenantId, left);
    else this.open.delete(tenantId);
  }
}

async function* pieces(path: string, columns: readonly StoredColumn[], stalled: () => void): AsyncGenerator<string> {
  const duck = await Duck.open({ scratch: null, readable: [path], memoryMb: MEMORY_MB });
  try {
    let piece = columns.map(({ name }) => headerField(name)).join(',') + LINE_END;
    const sql = `SELECT ${lineSql(columns)} FROM ${await placedData(duck, path, { numbered: false })}`;
    for await (const { rowCount, column } of duck.chunks(sql)) {
      const lines = column(0);
      for (let row = 0; row < rowCount; row++) {
        piece += lines.getItem(row) as string;
        if (piece.length < PIECE_CHARACTERS) continue;
        yield* inTime(piece, stalled);
        piece = '';
      }
    }
    yield* inTime(piece, stalled);
  } finally {
    duck.close();
  }
}

function* inTime(piece: string, stalled: () => void): Generator<string> {
  const timer = setTimeout(stalled, STALL_MS).unref();
  try {
    yield piece;
  } finally {
    clearTimeout(timer);
  }
}
