import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Duck, literal } from '../duck';
import { checkCsv, loadCsv } from './csv';
import type { DatasetFormat } from './file-kind';
import { refusal, refuse, RefusedFile, type Finding } from './finding';
import { inferColumn, type TypedColumn } from './infer';
import { checkJsonl, loadJsonl } from './jsonl';
import { checkParquet, loadParquet } from './parquet';
import { openSource } from './plain-text';
import { DATA_TABLE, profileColumn, type ColumnSummary } from './profile';
import { columnFindings, duplicateRows } from './quality';
import { RAW_TABLE } from './raw';
import { guessRole, identifierFinding, type ColumnRole } from './role';
import { contentHash } from './table';

export const INGEST_PHASES = ['CHECKING', 'LOADING', 'TYPING', 'WRITING', 'PROFILING'] as const;
export type IngestPhase = (typeof INGEST_PHASES)[number];

export interface IngestRequest {
  /** What was sent, as a local file. */
  path: string;
  format: DatasetFormat;
  /** A directory of this ingestion's own; emptied at the start and removed at the end. */
  scratch: string;
  /** Limit of the unpacked file. */
  byteCountMax: number;
  memoryMb: number;
  signal: AbortSignal;
  /** Share of the whole ingestion that is done, 0 to 1. */
  onProgress: (phase: IngestPhase, fraction: number) => void;
}

export interface ProfiledColumn extends ColumnSummary {
  index: number;
  role: ColumnRole;
}

export interface Ingested {
  rowCount: number;
  columns: ProfiledColumn[];
  findings: Finding[];
  contentHash: Buffer;
  /** The typed table, inside the scratch directory. */
  parquetPath: string;
}

const REWRITE = 'Write it again with a library for its format (CSV: RFC 4180), then send it again.';

const ROW_GROUP_MIN = 2_048;
const ROW_GROUP_MAX = 122_880;
const ROW_GROUP_VALUES = 4_000_000;

/** Shares of the time each phase takes, measured on a million rows. */
const PHASE_START: Record<IngestPhase, number> = {
  CHECKING: 0,
  LOADING: 0.15,
  TYPING: 0.45,
  WRITING: 0.6,
  PROFILING: 0.75,
};
const PHASE_END: Record<IngestPhase, number> = {
  CHECKING: 0.15,
  LOADING: 0.45,
  TYPING: 0.6,
  WRITING: 0.75,
  PROFILING: 1,
};

/**
 * Turns a file into a typed Parquet table with a profile and findings, and hands it to `use` before the scratch
 * directory goes. Throws RefusedFile when the file cannot become a table.
 */
export async function ingestFile<T>(request: IngestRequest, use: (done: Ingested) => Promise<T>): Promise<T> {
  await rm(request.scratch, { recursive: true, force: true });
  await mkdir(request.scratch, { recursive: true });
  try {
    return await use(await new Ingestion(request).run());
  } finally {
    await rm(request.scratch, { recursive: true, force: true });
  }
}

class Ingestion {
  private readonly findings: Finding[] = [];

  constructor(private readonly request: IngestRequest) {}

  async run(): Promise<Ingested> {
    const { path, format, scratch, byteCountMax, memoryMb, signal } = this.request;
    const source = await openSource({ path, format, findings: this.findings }, scratch, { byteCountMax });
    const duck = await Duck.open({ scratch, readable: [source.path], memoryMb });
    const stop = () => duck.interrupt();
    signal.addEventListener('abort', stop);
    try {
      return await this.build(duck, source.path);
    } catch (error) {
      throw outOfMemory(error) ?? error;
    } finally {
      signal.removeEventListener('abort', stop);
      duck.close();
    }
  }

  private async build(duck: Duck, path: string): Promise<Ingested> {
    const { names, rowCount } = await this.load(duck, path);
    await this.confirmRows(duck, rowCount);
    const typed: TypedColumn[] = [];
    for (const [index, name] of names.entries()) {
      this.at('TYPING', index / names.length);
      typed.push(await inferColumn(duck, index, name, this.findings));
    }
    this.at('WRITING', 0);
    const parquetPath = join(this.request.scratch, 'table.parquet');
    await typeTable(duck, typed);
    await writeParquet(duck, typed.length, parquetPath);
    const columns = await this.profile(duck, typed, rowCount);
    return {
      rowCount,
      columns,
      findings: this.findings,
      contentHash: await contentHash(duck, columns, rowCount),
      parquetPath,
    };
  }

  private async load(duck: Duck, path: string): Promise<{ names: string[]; rowCount: number }> {
    const { format, scratch } = this.request;
    const onBytes = (share: number) => this.at('CHECKING', share);
    if (format === 'PARQUET') {
      const shape = await checkParquet(duck, path, this.findings);
      this.at('LOADING', 0);
      await readable(loadParquet(duck, path, shape));
      return shape;
    }
    if (format === 'JSONL') {
      const shape = await checkJsonl(path, this.findings, onBytes);
      this.at('LOADING', 0);
      await readable(loadJsonl(duck, path, shape));
      return shape;
    }
    const shape = await checkCsv(path, this.findings, onBytes);
    this.at('LOADING', 0);
    await readable(loadCsv(duck, path, scratch, shape));
    return shape;
  }

  /** Two readers, one answer: what the check counted is what DuckDB loaded. */
  private async confirmRows(duck: Duck, rowCount: number): Promise<void> {
    const { loaded } = await duck.one<{ loaded: number }>(`SELECT count(*) AS loaded FROM ${RAW_TABLE}`);
    if (loaded === rowCount) return;
    refuse('UNREADABLE', {
      message: `The file reads as ${rowCount} rows in one way and ${loaded} in another: its quoting or line ends are irregular.`,
      fix: REWRITE,
    });
  }

  private async profile(duck: Duck, typed: TypedColumn[], rowCount: number): Promise<ProfiledColumn[]> {
    const columns: ProfiledColumn[] = [];
    for (const column of typed) {
      this.at('PROFILING', column.index / typed.length);
      const summary = await profileColumn(duck, column, rowCount);
      const role = guessRole(summary, rowCount, column.index === typed.length - 1);
      if (role === 'IDENTIFIER') this.findings.push(identifierFinding(summary));
      else this.findings.push(...(await columnFindings(duck, column, summary, rowCount)));
      columns.push({ ...summary, index: column.index, role });
    }
    this.findings.push(...(await duplicateRows(duck, typed)));
    return columns;
  }

  private at(phase: IngestPhase, share: number): void {
    this.request.signal.throwIfAborted();
    const start = PHASE_START[phase];
    this.request.onProgress(phase, start + share * (PHASE_END[phase] - start));
  }
}

/** Spilling to disk does not help against very many columns; trying again would not either. */
function outOfMemory(error: unknown): RefusedFile | null {
  if (!(error instanceof Error) || !error.message.startsWith('Out of Memory Error')) return null;
  const finding = refusal('TOO_LARGE', {
    message: 'The table needs more memory than this server gives to ingestion.',
    fix: 'Send fewer columns, or ask the operator to raise PRAXIS_INGEST_MEMORY_MB.',
  });
  return new RefusedFile([finding]);
}

/** DuckDB may still object to a file that passed the checks; its own first line then says where. */
async function readable(load: Promise<void>): Promise<void> {
  await load.catch((error: unknown) => {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    if (!/^(Invalid Input|Conversion) Error/.test(message)) throw error;
    refuse('UNREADABLE', { message: message.replace(/^\w+ \w+ Error: |^\w+ Error: /, ''), fix: REWRITE });
  });
}

/** Types the raw table; the profile reads this one, which costs less than reading the Parquet file back. */
async function typeTable(duck: Duck, columns: TypedColumn[]): Promise<void> {
  const values = columns.map(({ index, expression }) => `${expression} AS c${index}`).join(', ');
  await duck.run(`CREATE TABLE ${DATA_TABLE} AS SELECT ${values} FROM ${RAW_TABLE}`);
  await duck.run(`DROP TABLE ${RAW_TABLE}`);
}

/** The writer holds a row group in memory, so wide tables get short ones. */
async function writeParquet(duck: Duck, columnCount: number, path: string): Promise<void> {
  const rows = Math.max(ROW_GROUP_MIN, Math.min(ROW_GROUP_MAX, Math.floor(ROW_GROUP_VALUES / columnCount)));
  await duck.run(`COPY ${DATA_TABLE} TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rows})`);
}
