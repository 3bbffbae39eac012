import { join } from 'node:path';
import { COLUMN_TYPES, type ColumnRole, type ColumnType, type Format, narrowed, typesOfTexts } from '../../formats';
import { Duck, literal } from '../tables/duck';
import { checkCsv, loadCsv } from './csv/csv';
import { clearFarTimes } from './columns/far-times';
import { namedData } from './files/file-columns';
import type { DatasetFormat } from './files/file-kind';
import { refuse, withoutRepeats, type Finding } from './finding';
import { leaveOutUnnamed, repeatedHeader } from './csv/header';
import { inferColumns, type TypedColumn } from './columns/infer';
import { checkJsonl, loadJsonl } from './files/jsonl';
import { checkParquet, loadParquet } from './files/parquet';
import type { PlainColumn } from './columns/plain-column';
import { openSource } from './files/plain-text';
import { DATA_TABLE, profileColumn, type ColumnSummary } from './profile/profile';
import { buddhistYears } from './profile/buddhist-years';
import { garbledNames, garbledTexts } from './profile/garbled';
import { previewRows, sampleRows, type Cell, type NumberedRow } from './profile/preview';
import { columnFindings, duplicateRows } from './profile/quality';
import { RAW_TABLE } from './raw';
import { isOutOfMemory, outOfMemory, readFault } from './files/read-fault';
import { guessRole, identifierFinding } from './columns/role';
import type { SizeLimits } from './files/size-limits';
import { statedColumns, type StatedColumn } from './columns/stated';
import { rowsWithoutValue, strayRows } from './csv/stray-rows';
import { contentHash } from './table';

export const INGEST_PHASES = ['CHECKING', 'LOADING', 'TYPING', 'WRITING', 'PROFILING'] as const;
export type IngestPhase = (typeof INGEST_PHASES)[number];

export interface IngestRequest {
  /** What was sent, as a local file. */
  path: string;
  format: DatasetFormat;
  /** What the sender says of columns; the others are recognised. */
  columns?: readonly StatedColumn[];
  /** An empty folder of this ingestion's own. */
  scratch: string;
  limits: SizeLimits;
  memoryMb: number;
  signal: AbortSignal;
  /** Share of the whole ingestion that is done, 0 to 1. */
  onProgress: (phase: IngestPhase, fraction: number) => void;
}

export interface ProfiledColumn extends ColumnSummary {
  index: number;
  format: Format | null;
  role: ColumnRole;
}

export interface Ingested {
  rowCount: number;
  columns: ProfiledColumn[];
  findings: Finding[];
  contentHash: Buffer;
  firstRows: Cell[][];
  /** Drawn at random. */
  sampleRows: NumberedRow[];
  /** The typed table, inside the scratch directory. */
  parquetPath: string;
}

interface Profiled {
  column: ProfiledColumn;
  findings: Finding[];
}

/** What a reader made of a file. */
interface Loaded {
  /** A name is empty where the file has none. */
  names: string[];
  rowCount: number;
  /** Of each column: the file says that it holds texts. Absent where the format has no types. */
  isText?: boolean[];
  /** Of each column: how it was loaded where that was with its type. */
  plain?: (PlainColumn | null)[];
}

const ROW_GROUP_MIN = 2_048;
const ROW_GROUP_MAX = 122_880;
const ROW_GROUP_VALUES = 4_000_000;

/** Where each phase begins and ends in the whole time: by the processor time of a million rows of numbers, on two cores. */
const PHASE_SPANS: Record<IngestPhase, readonly [start: number, end: number]> = {
  CHECKING: [0, 0.1],
  LOADING: [0.1, 0.5],
  TYPING: [0.5, 0.54],
  WRITING: [0.54, 0.68],
  PROFILING: [0.68, 1],
};

/** Turns a file into a typed Parquet table with a profile and findings. Throws RefusedFile when it cannot become one. */
export const ingestFile = (request: IngestRequest): Promise<Ingested> => new Ingestion(request).run();

class Ingestion {
  private findings: Finding[] = [];

  constructor(private readonly request: IngestRequest) {}

  async run(): Promise<Ingested> {
    const { path, format, scratch, limits, memoryMb, signal } = this.request;
    const source = await openSource({ path, format, findings: this.findings }, scratch, limits);
    const duck = await Duck.open({ scratch, readable: [source.path], memoryMb });
    const stop = () => duck.interrupt();
    signal.addEventListener('abort', stop);
    try {
      return await this.build(duck, source.path);
    } catch (error) {
      throw isOutOfMemory(error) ? outOfMemory() : error;
    } finally {
      signal.removeEventListener('abort', stop);
      duck.close();
    }
  }

  private async build(duck: Duck, path: string): Promise<Ingested> {
    const loaded = await this.load(duck, path).catch((error: unknown) => {
      throw readFault(error);
    });
    const { rowCount } = loaded;
    await this.confirmRows(duck, rowCount);
    const names = await leaveOutUnnamed(duck, loaded.names, this.findings);
    const plain = loaded.plain?.filter((_, index) => loaded.names[index] !== '');
    // Where a column was loaded with its type, none of its cells is its name.
    if (plain?.every((column) => !column)) this.findings.push(...(await repeatedHeader(duck, names)));
    this.findings.push(...garbledNames(names), ...(await strayRows(duck, names, rowCount)));
    const typed = await inferColumns(duck, names, {
      findings: this.findings,
      onColumn: (index) => this.at('TYPING', index / names.length),
      stated: statedColumns(names, this.request.columns ?? []),
      texts: this.textTypes(loaded),
      plain,
      hasTypedNumbers: this.request.format !== 'CSV',
    });
    this.at('WRITING', 0);
    const parquetPath = join(this.request.scratch, 'table.parquet');
    await typeTable(duck, typed);
    this.findings = withoutRepeats(this.findings);
    this.findings.push(...(await clearFarTimes(duck, typed)), ...(await rowsWithoutValue(duck, names, this.findings)));
    await writeParquet(duck, names, parquetPath);
    return {
      rowCount,
      ...(await this.profile(duck, typed, rowCount)),
      firstRows: await previewRows(duck, typed),
      sampleRows: await sampleRows(duck, typed),
      findings: this.findings,
      parquetPath,
    };
  }

  /** What a column may be of which the file says that it holds texts. */
  private textTypes({ names, isText = [] }: Loaded): (ColumnType[] | null)[] {
    const types = typesOfTexts(this.request.format === 'JSONL');
    return isText.filter((_, index) => names[index] !== '').map((is) => (is ? types : null));
  }

  private async load(duck: Duck, path: string): Promise<Loaded> {
    const { format, scratch, limits } = this.request;
    const onBytes = (share: number) => this.at('CHECKING', share);
    if (format === 'PARQUET') {
      const shape = await checkParquet(duck, path, { findings: this.findings, limits });
      this.at('LOADING', 0);
      await loadParquet(duck, path, { shape, findings: this.findings });
      return shape;
    }
    if (format === 'JSONL') {
      const shape = await checkJsonl(path, this.findings, { limits, onBytes });
      this.at('LOADING', 0);
      await loadJsonl(duck, path, scratch, shape);
      return shape;
    }
    const shape = await checkCsv(path, this.findings, { limits, onBytes });
    this.at('LOADING', 0);
    const keptAsText = new Set((this.request.columns ?? []).map(({ name }) => name));
    return { ...shape, plain: await loadCsv(duck, shape, { path, scratch, keptAsText }) };
  }

  /** Two readers, one answer: what the check counted is what DuckDB loaded. */
  private async confirmRows(duck: Duck, rowCount: number): Promise<void> {
    const { loaded } = await duck.one<{ loaded: number }>(`SELECT count(*) AS loaded FROM ${RAW_TABLE}`);
    if (loaded === rowCount) return;
    refuse('UNREADABLE', {
      message: `The file reads as ${rowCount} rows in one way and ${loaded} in another: its quoting or line ends are irregular.`,
      fix: 'Write it again with a library for its format (CSV: RFC 4180), then send it again.',
    });
  }

  /** Two columns at a time, and the hash beside them: the end of a query is often the work of one thread. */
  private async profile(
    duck: Duck,
    typed: TypedColumn[],
    rowCount: number,
  ): Promise<{ columns: ProfiledColumn[]; contentHash: Buffer }> {
    const sessions = [duck, await duck.beside()];
    let hash: Buffer | null = null;
    const profiled: Profiled[] = [];
    await onSessions(sessions, [
      async (session) => void (hash = await contentHash(session, typed, rowCount)),
      ...typed.map((column, at) => async (session: Duck) => {
        this.at('PROFILING', at / typed.length);
        profiled[at] = await this.profileOne(session, column, { rowCount, isLast: at === typed.length - 1 });
      }),
    ]);
    this.findings.push(
      ...profiled.flatMap(({ findings }) => findings),
      ...(await duplicateRows(duck, typed, rowCount)),
    );
    return { columns: profiled.map(({ column }) => column), contentHash: hash! };
  }

  private async profileOne(
    duck: Duck,
    column: TypedColumn,
    { rowCount, isLast }: { rowCount: number; isLast: boolean },
  ): Promise<Profiled> {
    const profile = await profileColumn(duck, column, rowCount);
    const counts = { present: rowCount - profile.missingCount, distinct: profile.distinctCount };
    const summary = { ...profile, type: column.isSaid ? column.type : narrowed(column.type, counts) };
    const role = guessRole(summary, rowCount, isLast);
    const findings =
      role === 'IDENTIFIER' ? [identifierFinding(summary)] : await columnFindings(duck, column, summary, rowCount);
    findings.push(...(await garbledTexts(duck, column)), ...(await buddhistYears(duck, column, summary)));
    return { column: { ...summary, index: column.index, role, format: column.format }, findings };
  }

  private at(phase: IngestPhase, share: number): void {
    this.request.signal.throwIfAborted();
    const [start, end] = PHASE_SPANS[phase];
    this.request.onProgress(phase, start + share * (end - start));
  }
}

/** Does each piece of work in one of the sessions, as one becomes free. After a failure no other is begun, and none goes on. */
async function onSessions(sessions: Duck[], work: ((duck: Duck) => Promise<void>)[]): Promise<void> {
  const queue = work.values();
  let hasFailed = false;
  const ends = sessions.map(async (session) => {
    for (const piece of queue) {
      if (hasFailed) return;
      await piece(session).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    }
  });
  const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** One column of a narrow table is written again in no time, many columns of a wide one more slowly than all together. */
const ALTERED_MAX = 16;

/** Makes the raw table the typed one; the profile reads this one, which costs less than reading the Parquet file back. */
async function typeTable(duck: Duck, columns: TypedColumn[]): Promise<void> {
  const changed = columns.filter(({ index, expression }) => expression !== `c${index}`);
  if (changed.length > ALTERED_MAX) {
    const values = columns.map(({ index, expression }) => `${expression} AS c${index}`).join(', ');
    await duck.run(`CREATE TABLE ${DATA_TABLE} AS SELECT ${values} FROM ${RAW_TABLE}`);
    await duck.run(`DROP TABLE ${RAW_TABLE}`);
    return;
  }
  for (const { index, type, expression } of changed) {
    await duck.run(
      `ALTER TABLE ${RAW_TABLE} ALTER COLUMN c${index} TYPE ${COLUMN_TYPES[type].stored} USING (${expression})`,
    );
  }
  await duck.run(`ALTER TABLE ${RAW_TABLE} RENAME TO ${DATA_TABLE}`);
}

/** The writer holds a row group in memory, so wide tables get short ones. */
async function writeParquet(duck: Duck, names: string[], path: string): Promise<void> {
  const rows = Math.max(ROW_GROUP_MIN, Math.min(ROW_GROUP_MAX, Math.floor(ROW_GROUP_VALUES / names.length)));
  await duck.run(
    `COPY ${namedData(names)} TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rows})`,
  );
}
